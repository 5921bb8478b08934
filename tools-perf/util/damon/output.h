/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_OUTPUT_H
#define __PERF_DAMON_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

/* Formats of reports: for people or for programs. */
enum damon_format {
	DAMON_FOR_PEOPLE,
	DAMON_FIELDS,
	DAMON_JSON,
};

/* A longer separator must be a typing mistake. */
#define DAMON_MAX_SEPARATOR	64

/**
 * struct damon_output - how a report is printed
 * @format: for people, as fields with a separator, or as JSON
 * @separator: the separator, at most %DAMON_MAX_SEPARATOR characters
 * @raw_numbers: print exact numbers for people, too; programs always get them
 * @row_head: the fields that each row begins with: its target
 */
struct damon_output {
	enum damon_format	format;
	const char		*separator;
	bool			raw_numbers;
	char			*row_head;

	/* private: nesting depth in JSON, and whether a comma is needed at each level */
	unsigned int		depth;
	bool			comma[8];
};

void damon_output__open(struct damon_output *out, const char *key, char bracket);
void damon_output__close(struct damon_output *out, char bracket);
void damon_output__number(struct damon_output *out, const char *key, u64 value);
void damon_output__optional(struct damon_output *out, const char *key, bool known, u64 value);
void damon_output__hundredths(struct damon_output *out, const char *key, u64 hundredths);
void damon_output__text(struct damon_output *out, const char *key, const char *text);
void damon_output__bool(struct damon_output *out, const char *key, bool value);

int damon_output__set_row_head(struct damon_output *out, pid_t kdamond, unsigned long target_id,
			       pid_t pid, const char *comm);
void damon_output__put_row_titles(const struct damon_output *out);
void damon_output__put_text(const char *text);
void damon_output__make_printable(char *name);
char *damon_output__printable(const char *name);
void damon_output__put_field(const struct damon_output *out, const char *text);

#endif /* __PERF_DAMON_OUTPUT_H */
