// SPDX-License-Identifier: GPL-2.0
/*
 * lengthen - make a long perf.data out of a short one
 *
 * Header, attributes, tracing data and all records that are not samples are copied. The first
 * damon:damon_aggregated is the template for all others, which get other times, CPUs and fields:
 * snapshots of the targets in turn, each of ranges far apart, with a hot part that moves and a
 * changing number of regions. The kdamond migrates to another CPU now and then, also within a
 * snapshot. As by perf record, events are written in rounds, CPU by CPU in each round. So a
 * reader has to sort the events.
 */
#define _GNU_SOURCE
#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/perf_event.h>

#include "../workloads/numbers.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

typedef __u64 u64;
typedef __u32 u32;

/* The header of a perf.data, as in perf's util/header.h */
struct section {
	u64 offset;
	u64 size;
};

struct head {
	char magic[8];
	u64 size;
	u64 attr_size;
	struct section attrs;
	struct section data;
	struct section event_types;
	u64 features[4];
};

#define RECORD_ATTR		64
#define RECORD_TRACING_DATA	66
#define RECORD_FINISHED_ROUND	68
#define RECORD_FEATURE		80

#define FEATURE_TRACING_DATA	1
#define FEATURE_BUILD_ID	2

/* Offsets of the fields of damon:damon_aggregated in its raw data */
#define RAW_TARGET_ID	8
#define RAW_NR_REGIONS	16
#define RAW_START	24
#define RAW_END		32
#define RAW_NR_ACCESSES	40
#define RAW_AGE		44
#define RAW_SIZE	48

#define CPUS		2
#define PAGE		4096UL
/* the aggregation interval */
#define INTERVAL	200000000UL
/* perf record finds so much in buffers of 512 KiB that are half full */
#define ROUND_BYTES	(256 * KIB)

static const struct {
	u64 start;
	u64 size;
} ranges[] = {
	{ 0x000055d000000000, 256 * MIB },	/* program and heap */
	{ 0x00007f0000000000, 768 * MIB },	/* mappings */
	{ 0x00007ffd00000000, 2 * MIB },	/* stack */
};

#define NR_RANGES	ARRAY_SIZE(ranges)

struct options {
	u64 events;
	size_t size;		/* of all events, instead of their number */
	size_t targets;
	size_t regions;		/* maximum of a snapshot */
	bool stream;
	const char *template;
	const char *output;
};

struct feature {
	size_t id;
	struct section section;
};

#define MAX_FEATURES	256

/* The short file, and the first sample in it, with the offsets of what changes in copies */
struct template {
	const char *map;
	size_t size;
	const struct head *head;
	struct feature features[MAX_FEATURES];
	size_t nr_features;
	const struct perf_event_header *sample;
	size_t time;
	size_t cpu;
	size_t raw;
	u64 last_time;
};

struct buffer {
	char *data;
	size_t used;
};

static struct buffer buffers[CPUS];
static unsigned int current_cpu;
static FILE *out;
static u64 seed = 88172645463325252ULL;

static void show_usage(void)
{
	fputs("usage: lengthen [--events 10000000 | --size 5G] [--targets 1] [--regions 1000]\n"
	      "                [--stream] TEMPLATE OUTPUT\n"
	      "--stream writes what perf record writes to a pipe\n", stderr);
	exit(2);
}

static struct options parse(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "events",  required_argument, NULL, 'e' },
		{ "size",    required_argument, NULL, 's' },
		{ "targets", required_argument, NULL, 't' },
		{ "regions", required_argument, NULL, 'r' },
		{ "stream",  no_argument,       NULL, 'p' },
		{ }
	};
	struct options o = { .events = 10000000, .targets = 1, .regions = 1000 };
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 'e':
			o.events = parse_count("events", optarg);
			break;
		case 's':
			o.size = parse_size("size", optarg);
			break;
		case 't':
			o.targets = parse_count("targets", optarg);
			break;
		case 'r':
			o.regions = parse_count("regions", optarg);
			break;
		case 'p':
			o.stream = true;
			break;
		default:
			show_usage();
		}
	}
	if (argc - optind != 2)
		show_usage();
	if (!o.targets || o.regions < 2 * NR_RANGES || o.regions > 100000)
		errx(2, "--targets must be at least 1, --regions from %zu to 100000",
		     2 * NR_RANGES);
	o.template = argv[optind];
	o.output = argv[optind + 1];
	return o;
}

/* xorshift64 with a fixed seed: the file is the same each time */
static u64 random_below(u64 limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % limit;
}

static void write_out(const void *data, size_t size)
{
	if (size && fwrite(data, size, 1, out) != 1)
		err(1, "write");
}

/*
 * Offset of a part of a sample: each part is a word, in the order of the bits of the sample
 * type, except that the identifier comes first.
 */
static size_t part_offset(u64 type, u64 part)
{
	static const u64 parts[] = {
		PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_IP, PERF_SAMPLE_TID, PERF_SAMPLE_TIME,
		PERF_SAMPLE_ADDR, PERF_SAMPLE_ID, PERF_SAMPLE_STREAM_ID, PERF_SAMPLE_CPU,
		PERF_SAMPLE_PERIOD, PERF_SAMPLE_RAW,
	};
	size_t i, offset = sizeof(struct perf_event_header);

	for (i = 0; parts[i] != part; i++) {
		if (type & parts[i])
			offset += sizeof(u64);
	}
	return type & part ? offset : 0;
}

static const struct perf_event_attr *find_tracepoint(const struct template *t)
{
	const char *attr = t->map + t->head->attrs.offset;
	const char *end = attr + t->head->attrs.size;

	for (; attr < end; attr += t->head->attr_size) {
		const struct perf_event_attr *a = (const void *)attr;

		if (a->type == PERF_TYPE_TRACEPOINT)
			return a;
	}
	errx(1, "the template has no tracepoint");
}

static bool is_within(const struct template *t, const struct section *section)
{
	return section->offset <= t->size && section->size <= t->size - section->offset;
}

static const void *first_record(const struct template *t)
{
	return t->map + t->head->data.offset;
}

static const char *end_of_records(const struct template *t)
{
	return t->map + t->head->data.offset + t->head->data.size;
}

#define for_each_record(t, record)						\
	for (record = first_record(t); (const char *)record < end_of_records(t);	\
	     record = (const void *)((const char *)record + record->size))

static void find_sample(struct template *t, u64 type)
{
	const struct perf_event_header *record;

	t->time = part_offset(type, PERF_SAMPLE_TIME);
	t->cpu = part_offset(type, PERF_SAMPLE_CPU);
	t->raw = part_offset(type, PERF_SAMPLE_RAW);
	if (!t->time || !t->raw || type & (PERF_SAMPLE_READ | PERF_SAMPLE_CALLCHAIN))
		errx(1, "the template's samples need times and raw data, and no call chains");
	t->raw += sizeof(u32);

	for_each_record(t, record) {
		u64 time;

		if (record->size < sizeof(*record))
			errx(1, "the template is damaged, or compressed");
		if (record->type != PERF_RECORD_SAMPLE || record->size < t->raw + RAW_SIZE)
			continue;
		if (!t->sample)
			t->sample = record;
		memcpy(&time, (const char *)record + t->time, sizeof(time));
		if (time > t->last_time)
			t->last_time = time;
	}
	if (!t->sample)
		errx(1, "the template has no sample");
}

/* The table of the features' sections follows the data. */
static void find_features(struct template *t)
{
	u64 offset = t->head->data.offset + t->head->data.size;
	size_t i;

	for (i = 0; i < MAX_FEATURES; i++) {
		struct feature *feature = &t->features[t->nr_features];

		if (!(t->head->features[i / 64] & 1ULL << i % 64))
			continue;
		feature->id = i;
		if (t->size - offset < sizeof(feature->section))
			errx(1, "the template is cut off");
		memcpy(&feature->section, t->map + offset, sizeof(feature->section));
		if (!is_within(t, &feature->section))
			errx(1, "the template is cut off");
		offset += sizeof(feature->section);
		t->nr_features++;
	}
}

static struct template open_template(const char *path)
{
	struct template t = {};
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	t.size = st.st_size;
	t.map = mmap(NULL, t.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (t.map == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	t.head = (const void *)t.map;
	if (t.size < sizeof(*t.head) || memcmp(t.head->magic, "PERFILE2", 8) ||
	    t.head->attr_size < sizeof(struct section) + PERF_ATTR_SIZE_VER0 ||
	    !is_within(&t, &t.head->attrs) || !is_within(&t, &t.head->data))
		errx(1, "%s is no perf.data of this machine", path);
	find_sample(&t, find_tracepoint(&t)->sample_type);
	find_features(&t);
	return t;
}

/* Copy everything in the short file that is not a sample */
static void copy_others(const struct template *t)
{
	const struct perf_event_header *record;

	for_each_record(t, record) {
		if (record->type != PERF_RECORD_SAMPLE)
			write_out(record, record->size);
	}
}

static void end_round(void)
{
	const struct perf_event_header round = {
		.type = RECORD_FINISHED_ROUND, .size = sizeof(round),
	};
	size_t i;

	for (i = 0; i < CPUS; i++) {
		write_out(buffers[i].data, buffers[i].used);
		buffers[i].used = 0;
	}
	write_out(&round, sizeof(round));
}

static void put(char *sample, size_t offset, u64 value, size_t size)
{
	memcpy(sample + offset, &value, size);
}

static void add_event(const struct template *t, u64 time, const u64 values[6])
{
	static const struct {
		size_t offset;
		size_t size;
	} fields[] = {
		{ RAW_TARGET_ID, 8 }, { RAW_NR_REGIONS, 4 }, { RAW_START, 8 }, { RAW_END, 8 },
		{ RAW_NR_ACCESSES, 4 }, { RAW_AGE, 4 },
	};
	struct buffer *buffer = &buffers[current_cpu];
	char *sample;
	size_t i;

	if (buffer->used + t->sample->size > ROUND_BYTES)
		end_round();
	sample = buffer->data + buffer->used;
	buffer->used += t->sample->size;
	memcpy(sample, t->sample, t->sample->size);
	put(sample, t->time, time, sizeof(time));
	if (t->cpu)
		put(sample, t->cpu, current_cpu, 4);
	for (i = 0; i < 6; i++)
		put(sample, t->raw + fields[i].offset, values[i], fields[i].size);
}

static void maybe_migrate(unsigned int chance)
{
	if (!random_below(chance))
		current_cpu = random_below(CPUS);
}

/*
 * A range is divided into regions.  Their boundaries move by up to half a region from snapshot
 * to snapshot.
 */
static u64 bound(size_t range, size_t i, size_t nr)
{
	u64 pages = ranges[range].size / PAGE;
	u64 at = pages * i / nr;

	if (i && i < nr)
		at += random_below(pages / nr / 2 + 1);
	return ranges[range].start + at * PAGE;
}

/* Add a snapshot of at most @left events; returns their number */
static size_t add_snapshot(const struct template *t, const struct options *o, size_t target,
			   u64 *time, u64 turn, u64 left)
{
	size_t nr = o->regions / 2 + random_below(o->regions / 2 + 1);
	size_t range, i, done = 0;

	if (nr > left)
		nr = left;
	maybe_migrate(8);
	for (range = 0; range < NR_RANGES; range++) {
		size_t share = range == 2 ? nr - 2 * (nr * 9 / 20) : nr * 9 / 20;
		size_t hot = share ? (turn / 16 + target) % share : 0;
		u64 start = ranges[range].start;

		for (i = 0; i < share; i++, done++) {
			u64 end = bound(range, i + 1, share);
			bool is_hot = i / 8 == hot / 8;
			const u64 values[6] = {
				target, nr, start, end,
				is_hot ? 10 + random_below(10) : random_below(64) / 63, turn % 100,
			};

			if (range)
				maybe_migrate(20000);
			add_event(t, *time, values);
			*time += 300 + random_below(300);
			start = end;
		}
	}
	return done;
}

static void add_events(const struct template *t, const struct options *o)
{
	u64 start = t->last_time + INTERVAL, left, turn;

	for (left = o->events, turn = 0; left; turn++) {
		u64 time = start + turn * INTERVAL;
		size_t target;

		for (target = 0; target < o->targets && left; target++)
			left -= add_snapshot(t, o, target, &time, turn, left);
	}
	end_round();
}

/* Write a file; what follows the data moves by as much as the data grow */
static void write_file(const struct template *t, const struct options *o)
{
	struct head head = *t->head;
	u64 end = head.data.offset + head.data.size;
	size_t i;

	write_out(t->map, head.data.offset);
	copy_others(t);
	add_events(t, o);
	head.data.size = ftello(out) - head.data.offset;
	for (i = 0; i < t->nr_features; i++) {
		struct section section = t->features[i].section;

		section.offset += head.data.size - t->head->data.size;
		write_out(&section, sizeof(section));
	}
	end += t->nr_features * sizeof(struct section);
	write_out(t->map + end, t->size - end);
	rewind(out);
	write_out(&head, sizeof(head));
}

static void write_record(u32 type, const void *middle, size_t middle_size, const void *data,
			 size_t size)
{
	const struct perf_event_header header = {
		.type = type, .size = sizeof(header) + middle_size + size,
	};

	if (sizeof(header) + middle_size + size > UINT16_MAX)
		errx(1, "the template has too much of something for a stream");
	write_out(&header, sizeof(header));
	write_out(middle, middle_size);
	write_out(data, size);
}

static void write_attrs(const struct template *t)
{
	const char *attr = t->map + t->head->attrs.offset, *end = attr + t->head->attrs.size;
	size_t size = t->head->attr_size - sizeof(struct section);

	for (; attr < end; attr += t->head->attr_size) {
		struct section ids;

		memcpy(&ids, attr + size, sizeof(ids));
		if (!is_within(t, &ids))
			errx(1, "the template is cut off");
		write_record(RECORD_ATTR, attr, size, t->map + ids.offset, ids.size);
	}
}

static void write_feature(const struct template *t, const struct feature *feature)
{
	const char *data = t->map + feature->section.offset;
	const u64 id = feature->id;
	/* size of the data, which follows the record and is padded */
	const u32 rest[2] = { (feature->section.size + 7) / 8 * 8 };

	switch (id) {
	case FEATURE_TRACING_DATA:
		write_record(RECORD_TRACING_DATA, rest, sizeof(rest), NULL, 0);
		write_out(data, feature->section.size);
		write_out("\0\0\0\0\0\0\0", rest[0] - feature->section.size);
		break;
	case FEATURE_BUILD_ID:
		break;
	default:
		write_record(RECORD_FEATURE, &id, sizeof(id), data, feature->section.size);
	}
}

/* Write a stream; what is in the header of a file comes as records */
static void write_stream(const struct template *t, const struct options *o)
{
	const u64 size = 16;
	size_t i;

	write_out(t->head->magic, sizeof(t->head->magic));
	write_out(&size, sizeof(size));
	write_attrs(t);
	for (i = 0; i < t->nr_features; i++)
		write_feature(t, &t->features[i]);
	copy_others(t);
	add_events(t, o);
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	struct template t = open_template(o.template);
	size_t i;

	if (o.size)
		o.events = o.size / t.sample->size + 1;
	out = strcmp(o.output, "-") ? fopen(o.output, "w") : stdout;
	if (!out)
		err(1, "%s", o.output);
	for (i = 0; i < CPUS; i++) {
		buffers[i].data = malloc(ROUND_BYTES);
		if (!buffers[i].data)
			err(1, "malloc");
	}
	if (o.stream)
		write_stream(&t, &o);
	else
		write_file(&t, &o);
	if (fclose(out))
		err(1, "%s", o.output);
	return 0;
}
