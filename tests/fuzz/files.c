// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz every report on a perf.data of any bytes.
 *
 * The first byte chooses the report and its format, and what the other bytes are: records, which
 * get the header and the features of a real file around them; or the whole file, whose header is
 * read by perf's own code. The second byte has the options of the report, a bit for each.
 */
#include "util/color.h"
#include "util/damon/monitor/scheme.h"
#include "util/damon/report/report.h"
#include "util/damon/model/selection.h"
#include "util/debug.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <internal/lib.h>

#define ARRAY_SIZE_OF(array)	(sizeof(array) / sizeof((array)[0]))

/* A real perf.data whose records are replaced; an environment variable has its name. */
struct template {
	const char	*variable;
	char		*data;
	size_t		size;
	u64		records;
	u64		records_size;
};

/* One with plain records, one with compressed records, and one with those of schemes */
enum { PLAIN_TEMPLATE, COMPRESSED_TEMPLATE, SCHEMES_TEMPLATE };

static struct template templates[] = {
	[PLAIN_TEMPLATE]	= { .variable = "FUZZ_TEMPLATE" },
	[COMPRESSED_TEMPLATE]	= { .variable = "FUZZ_COMPRESSED" },
	[SCHEMES_TEMPLATE]	= { .variable = "FUZZ_SCHEMES" },
};

static const struct damon_report_ops * const reports[] = {
	&damon_summary_ops, &damon_raw_ops, &damon_heats_ops, &damon_points_ops,
	&damon_guide_ops, &damon_wss_ops, &damon_nr_regions_ops, &damon_mappings_ops,
	&damon_regions_ops, &damon_schemes_ops, &damon_what_if_ops,
};

/* Bits of the first byte, above the number of the report */
#define FIELDS		16
#define JSON		32
#define COMPRESSED	64
#define WHOLE_FILE	128

/* Bits of the second byte */
#define ALL_AREAS	1
#define PART		2
#define BY_TIME		4
#define THRESHOLD	8
#define PERCENT		16
#define WORK_TIME	32
#define RANGE		64
#define COLUMNS		128

/* Offsets in the header of a perf.data */
#define DATA_OFFSET	40
#define DATA_SIZE	48
#define FEATURES	72
#define FEATURES_END	104

static void read_template(struct template *template)
{
	const char *path = getenv(template->variable);
	FILE *file = path ? fopen(path, "r") : NULL;

	if (!file)
		err(1, "%s: %s", template->variable, path ?: "not set");
	template->data = malloc(1 << 20);
	template->size = template->data ? fread(template->data, 1, 1 << 20, file) : 0;
	fclose(file);
	if (template->size < FEATURES_END)
		errx(1, "%s is no perf.data", path);
	memcpy(&template->records, template->data + DATA_OFFSET, sizeof(template->records));
	memcpy(&template->records_size, template->data + DATA_SIZE,
	       sizeof(template->records_size));
	if (template->records > template->size ||
	    template->records_size > template->size - template->records)
		errx(1, "%s is damaged", path);
}

static void put(int fd, const void *data, size_t size)
{
	if (write(fd, data, size) != (ssize_t)size)
		err(1, "write");
}

/* Write the file; features move by as much as the records grow or shrink */
static void put_file(int fd, const struct template *template, const u8 *records, u64 size)
{
	u64 features = template->records + template->records_size, offset;
	size_t i, nr = 0;

	for (i = FEATURES; i < FEATURES_END; i++)
		nr += __builtin_popcount((unsigned char)template->data[i]);
	put(fd, template->data, DATA_SIZE);
	put(fd, &size, sizeof(size));
	put(fd, template->data + DATA_SIZE + sizeof(size),
	    template->records - DATA_SIZE - sizeof(size));
	put(fd, records, size);
	for (i = 0; i < nr; i++) {
		memcpy(&offset, template->data + features, sizeof(offset));
		offset += size - template->records_size;
		put(fd, &offset, sizeof(offset));
		put(fd, template->data + features + sizeof(offset), sizeof(offset));
		features += 2 * sizeof(offset);
	}
	put(fd, template->data + features, template->size - features);
}

static void ask(struct damon_report *report, u8 options)
{
	struct damon_query *query = &report->query;

	report->all_areas = options & ALL_AREAS;
	report->by_time = options & BY_TIME;
	if (options & PART) {
		query->selection.addr_min = (struct damon_quantity){ DAMON_GIVEN_NUMBER, 0x1000 };
		query->selection.time_min = (struct damon_quantity){ DAMON_GIVEN_PERCENT, 100000 };
	}
	if (options & THRESHOLD)
		query->threshold = (struct damon_quantity){ DAMON_GIVEN_NUMBER, 2 };
	if (options & PERCENT)
		query->threshold = (struct damon_quantity){ DAMON_GIVEN_PERCENT, 300000 };
	if (options & WORK_TIME)
		query->work_ns = 1000000000;
	if (options & RANGE)
		report->percents = (struct damon_percents){ 1, 101, 50 };
	/* No symbols, as these depend on files of this machine. */
	if (options & COLUMNS && report->ops == &damon_mappings_ops) {
		report->fields = "mapping,max_wss_bytes,size_bytes";
		report->sort = "mapping";
	}
	if (options & COLUMNS && report->ops == &damon_regions_ops) {
		report->fields = "mapping,age,start";
		report->sort = "mapping,start";
	}
}

static const struct damon_report_ops *ops_of(u8 kind)
{
	return reports[(kind & 15) % ARRAY_SIZE_OF(reports)];
}

static const struct template *template_of(u8 kind)
{
	if (kind & COMPRESSED)
		return &templates[COMPRESSED_TEMPLATE];
	return &templates[ops_of(kind) == &damon_schemes_ops ? SCHEMES_TEMPLATE : PLAIN_TEMPLATE];
}

static void report_on(const char *path, u8 kind, u8 options)
{
	struct damon_report report = {
		.ops		= ops_of(kind),
		.terminal	= { .ws_row = 25, .ws_col = 80 },
	};

	if (kind & JSON)
		report.out.format = DAMON_JSON;
	else if (kind & FIELDS)
		report.out.format = DAMON_FIELDS;
	report.out.raw_numbers = report.out.format != DAMON_FOR_PEOPLE;
	if (report.out.format != DAMON_FOR_PEOPLE && report.ops->for_programs)
		report.ops = report.ops->for_programs;
	if (report.out.format == DAMON_FIELDS)
		report.out.separator = ",";
	if (damon_scheme__parse(&report.what_if, "pageout,size>=4KiB,frequency<=5%,age>=1s"))
		errx(1, "a scheme that is none");
	damon_selection__init(&report.query.selection);
	ask(&report, options);
	damon_session__init(&report.session, path, true);
	damon_report__run(&report);
	damon_session__exit(&report.session);
	damon_selection__exit(&report.query.selection);
	damon_scheme__exit(&report.what_if);
}

/*
 * Replaces libtraceevent's function: opening its plugins, which only print fields of other
 * events, takes as long as the rest of a run.
 */
struct tep_handle;
struct tep_plugin_list;

struct tep_plugin_list *tep_load_plugins(struct tep_handle *tep);
struct tep_plugin_list *tep_load_plugins(struct tep_handle *tep)
{
	(void)tep;
	return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	read_template(&templates[PLAIN_TEMPLATE]);
	read_template(&templates[COMPRESSED_TEMPLATE]);
	read_template(&templates[SCHEMES_TEMPLATE]);
	/* Reports and error messages are not checked. */
	if (!freopen("/dev/null", "w", stdout))
		err(1, "/dev/null");
	quiet = true;
	verbose = -1;
	perf_use_color_default = 0;
	/* As libperf_init() does, which perf's main() calls */
	page_size = sysconf(_SC_PAGESIZE);
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char path[32];
	int fd;

	if (size < 3)
		return 0;
	fd = memfd_create("fuzz", 0);
	if (fd < 0)
		err(1, "memfd_create");
	if (data[0] & WHOLE_FILE)
		put(fd, data + 2, size - 2);
	else
		put_file(fd, template_of(data[0]), data + 2, size - 2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report_on(path, data[0], data[1]);
	close(fd);
	return 0;
}
