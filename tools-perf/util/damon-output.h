/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_OUTPUT_H
#define __PERF_DAMON_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Who a report is for. */
enum damon_format {
	DAMON_FOR_PEOPLE,
	DAMON_FIELDS,
	DAMON_JSON,
};

/**
 * struct damon_output - how a report is printed
 * @format: for people, as fields with a separator, or as JSON
 * @separator: between fields
 * @raw_numbers: exact numbers for people, too; machines always get them
 * @row_head: fields that each row begins with, their titles: which target it is about
 * @row_titles: the titles of those
 */
struct damon_output {
	enum damon_format	format;
	const char		*separator;
	bool			raw_numbers;
	char			row_head[128];
	const char		*row_titles;

	/* private: JSON, how deep, and whether a comma is due there */
	unsigned int		depth;
	bool			comma[8];
};

void damon_output__open(struct damon_output *out, const char *key, char bracket);
void damon_output__close(struct damon_output *out, char bracket);
void damon_output__number(struct damon_output *out, const char *key, u64 value);
void damon_output__ratio(struct damon_output *out, const char *key, double value);
void damon_output__text(struct damon_output *out, const char *key, const char *text);
void damon_output__bool(struct damon_output *out, const char *key, bool value);

size_t damon_output__scnprintf_field(const struct damon_output *out, char *buf, size_t size,
				     const char *text);

#endif /* __PERF_DAMON_OUTPUT_H */
