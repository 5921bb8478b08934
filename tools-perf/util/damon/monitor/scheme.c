// SPDX-License-Identifier: GPL-2.0
/*
 * Schemes as text: an action, then what is asked of a region, and what limits the action, such as
 * pageout,size>=4KiB,frequency<=5%,age>=7s,quota=100MiB/s,not=target:1.
 */
#include "../errors.h"
#include "scheme.h"
#include "util/debug.h"
#include "util/strbuf.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

#define MILLION	1000000

/* Operations that an action or a filter is for; all of these sets if it is 0. */
enum { OPS_VIRTUAL = 1, OPS_PHYSICAL = 2 };

static const struct action {
	const char	*name;
	unsigned int	ops;
	bool		takes_node;
} actions[] = {
	{ .name = "stat" },
	{ .name = "pageout" },
	{ .name = "willneed", .ops = OPS_VIRTUAL },
	{ .name = "cold", .ops = OPS_VIRTUAL },
	{ .name = "hugepage", .ops = OPS_VIRTUAL },
	{ .name = "nohugepage", .ops = OPS_VIRTUAL },
	{ .name = "lru_prio", .ops = OPS_PHYSICAL },
	{ .name = "lru_deprio", .ops = OPS_PHYSICAL },
	{ .name = "migrate_hot", .ops = OPS_PHYSICAL, .takes_node = true },
	{ .name = "migrate_cold", .ops = OPS_PHYSICAL, .takes_node = true },
};

/* The two kinds of number that a property is given in. */
static const struct property {
	const char	*name;
	enum damon_kind	kind[2];
	const char	*what;
} properties[DAMON_NR_PROPERTIES] = {
	[DAMON_REGION_SIZE] = { "size", { DAMON_SIZE, DAMON_SIZE }, "a size, such as 4KiB" },
	[DAMON_REGION_FREQUENCY] = { "frequency", { DAMON_RATIO, DAMON_COUNT },
				     "a percentage, such as 5%, or a number of samples" },
	[DAMON_REGION_AGE] = { "age", { DAMON_TIME, DAMON_COUNT },
			       "a time, such as 7s, or a number of aggregation intervals" },
};

static int parse_bound(struct damon_bound *bound, const struct property *property, const char *str)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(property->kind); i++) {
		bound->kind = property->kind[i];
		if (!damon_number__parse(bound->kind, str, &bound->value))
			return bound->kind == DAMON_RATIO && bound->value > MILLION ? -EINVAL : 0;
	}
	bound->kind = DAMON_TEXT;
	return -EINVAL;
}

/* Behind the name of the property: <=, >=, <, > or = and a number, or = and two with a dash. */
static int parse_bounds(struct damon_scheme *scheme, enum damon_property i, char *str)
{
	const struct property *property = &properties[i];
	char compare = *str++, *end;
	struct damon_bound *bound = compare == '<' ? &scheme->max[i] : &scheme->min[i];
	bool inclusive = compare != '=' && *str == '=';
	int err;

	str += inclusive;
	end = compare == '=' ? damon_range__split(str) : NULL;
	err = parse_bound(bound, property, str);
	bound->exclusive = compare != '=' && !inclusive;
	if (!err && compare == '=')
		err = parse_bound(&scheme->max[i], property, end ?: str);
	if (err)
		pr_err("'%s' is not %s\n", str, property->what);
	return err;
}

/* SIZE/TIME or TIME/TIME; the second time may be only a unit */
static int parse_quota(struct damon_scheme *scheme, char *str)
{
	struct damon_quota *quota = &scheme->quota;
	char *slash = strchr(str, '/'), window[DAMON_UNIT_LEN];

	if (slash) {
		*slash = '\0';
		scnprintf(window, sizeof(window), "%s%s", isdigit(slash[1]) ? "" : "1", slash + 1);
		if ((!damon_number__parse(DAMON_SIZE, str, &quota->bytes) ||
		     !damon_number__parse(DAMON_TIME, str, &quota->time_ns)) &&
		    !damon_number__parse(DAMON_TIME, window, &quota->window_ns) &&
		    quota->window_ns >= NSEC_PER_MSEC)
			return 0;
		*slash = '/';
	}
	pr_err("quota: '%s' is neither a size nor a time in a time, such as 100MiB/s or 10ms/s\n",
	       str);
	return -EINVAL;
}

static int parse_interval(struct damon_scheme *scheme, char *str)
{
	if (!damon_number__parse(DAMON_TIME, str, &scheme->apply_ns))
		return 0;
	pr_err("every: '%s' is not a time, such as 1s\n", str);
	return -EINVAL;
}

static int parse_path(struct damon_filter *filter, char *value)
{
	if (!value || *value != '/')
		return -EINVAL;
	filter->path = strdup(value);
	return filter->path ? 0 : -ENOMEM;
}

static int parse_addresses(struct damon_filter *filter, char *value)
{
	char *end = value ? damon_range__split(value) : NULL;

	return !end || damon_number__parse(DAMON_ADDRESS, value, &filter->start) ||
	       damon_number__parse(DAMON_ADDRESS, end, &filter->end) ||
	       filter->start >= filter->end ? -EINVAL : 0;
}

static int parse_target(struct damon_filter *filter, char *value)
{
	return !value || damon_number__parse(DAMON_COUNT, value, &filter->target) ? -EINVAL : 0;
}

static int parse_no_value(struct damon_filter *filter __maybe_unused, char *value)
{
	return value ? -EINVAL : 0;
}

static const struct filter_type {
	const char	*name;
	unsigned int	ops;
	int		(*parse)(struct damon_filter *filter, char *value);
} filter_types[] = {
	{ "anon",   OPS_PHYSICAL, parse_no_value },
	{ "memcg",  OPS_PHYSICAL, parse_path },
	{ "young",  OPS_PHYSICAL, parse_no_value },
	{ "addr",   0, parse_addresses },
	{ "target", 0, parse_target },
};

static int parse_filter_type(struct damon_filter *filter, char *str)
{
	char *type = strsep(&str, ":");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(filter_types); i++) {
		if (strcmp(filter_types[i].name, type))
			continue;
		filter->type = filter_types[i].name;
		return filter_types[i].parse(filter, str);
	}
	return -EINVAL;
}

/**
 * damon_scheme__add_filter - add a filter
 * @scheme: the scheme
 * @spec: the filter, such as memcg:/path
 * @only: the scheme acts only on what is of this type, otherwise it leaves that alone
 *
 * Return: 0, -EINVAL if it is no filter, or -ENOMEM.
 */
int damon_scheme__add_filter(struct damon_scheme *scheme, const char *spec, bool only)
{
	struct damon_filter filter = { .only = only }, *new;
	char *copy = strdup(spec);
	int err = copy ? parse_filter_type(&filter, copy) : -ENOMEM;

	free(copy);
	new = err ? NULL : reallocarray(scheme->filter, scheme->nr_filters + 1, sizeof(*new));
	if (!new) {
		free(filter.path);
		return err ?: -ENOMEM;
	}
	scheme->filter = new;
	new[scheme->nr_filters++] = filter;
	return 0;
}

static int parse_filter(struct damon_scheme *scheme, const char *str, bool only)
{
	int err = damon_scheme__add_filter(scheme, str, only);

	if (err == -ENOMEM)
		return damon_out_of_memory();
	if (err)
		pr_err("%s: '%s' is none of anon, young, memcg:/PATH, addr:START-END and target:NUMBER\n",
		       only ? "only" : "not", str);
	return err;
}

static int parse_only(struct damon_scheme *scheme, char *str)
{
	return parse_filter(scheme, str, true);
}

static int parse_not(struct damon_scheme *scheme, char *str)
{
	return parse_filter(scheme, str, false);
}

static const struct key {
	const char	*name;
	int		(*parse)(struct damon_scheme *scheme, char *value);
} keys[] = {
	{ "quota=", parse_quota },
	{ "every=", parse_interval },
	{ "only=", parse_only },
	{ "not=", parse_not },
};

static int parse_item(struct damon_scheme *scheme, char *item)
{
	size_t i, len;

	for (i = 0; i < DAMON_NR_PROPERTIES; i++) {
		len = strlen(properties[i].name);
		if (strstarts(item, properties[i].name) && item[len] && strchr("<>=", item[len]))
			return parse_bounds(scheme, i, item + len);
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strstarts(item, keys[i].name))
			return keys[i].parse(scheme, item + strlen(keys[i].name));
	}
	pr_err("what is '%s'? conditions are size, frequency and age with <=, >= or =; limits are quota=, every=, only= and not=\n",
	       item);
	return -EINVAL;
}

static const struct action *find_action(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	}
	return NULL;
}

/* ACTION, or ACTION:NODE */
static int parse_action(struct damon_scheme *scheme, char *str)
{
	char *name = strsep(&str, ":");
	const struct action *action = find_action(name);

	if (action) {
		scheme->action = action->name;
		if (!str != action->takes_node &&
		    (!str || !damon_number__parse(DAMON_COUNT, str, &scheme->node)))
			return 0;
		pr_err("%s: %s\n", name, action->takes_node ?
		       "to which node? such as migrate_cold:1" : "only migrate_* take a node");
		return -EINVAL;
	}
	pr_err("'%s' is no action: stat, pageout, willneed, cold, hugepage, nohugepage, lru_prio, lru_deprio, migrate_hot:NODE, migrate_cold:NODE\n",
	       name);
	return -EINVAL;
}

/* Of the same kind; otherwise it depends on the intervals which is greater. */
static int check_bounds(const struct damon_scheme *scheme)
{
	size_t i;

	for (i = 0; i < DAMON_NR_PROPERTIES; i++) {
		const struct damon_bound *min = &scheme->min[i], *max = &scheme->max[i];
		bool is_empty = min->kind == max->kind && min->value > max->value;

		if (max->kind == DAMON_TEXT || !(is_empty || (max->exclusive && !max->value)))
			continue;
		pr_err("%s: no region can be like that\n", properties[i].name);
		return -EINVAL;
	}
	return 0;
}

/**
 * damon_scheme__parse - parse a scheme
 * @scheme: set to it
 * @spec: the text
 *
 * Return: 0 or a negative error number, then @scheme is empty; errors are printed.
 */
int damon_scheme__parse(struct damon_scheme *scheme, const char *spec)
{
	char *copy = strdup(spec), *rest = copy, *item;
	int err;

	memset(scheme, 0, sizeof(*scheme));
	if (!copy)
		return damon_out_of_memory();
	err = parse_action(scheme, strsep(&rest, ","));
	while (!err && (item = strsep(&rest, ",")))
		err = parse_item(scheme, item);
	err = err ?: check_bounds(scheme);
	free(copy);
	if (err)
		damon_scheme__exit(scheme);
	return err;
}

/**
 * damon_scheme__exit - free what a scheme owns
 * @scheme: the scheme, empty afterwards
 */
void damon_scheme__exit(struct damon_scheme *scheme)
{
	while (scheme->nr_filters)
		free(scheme->filter[--scheme->nr_filters].path);
	free(scheme->filter);
	memset(scheme, 0, sizeof(*scheme));
}

/* With the unit that people would take, if that is exact: 4KiB rather than 4096B. */
static const char *format_exactly(char *buf, enum damon_kind kind, u64 value)
{
	u64 rounded;

	damon_number__put(buf, kind, value, /*exact=*/false);
	if (damon_number__parse(kind, buf, &rounded) || rounded != value)
		damon_number__put(buf, kind, value, /*exact=*/true);
	return buf;
}

static const char *format_bound(char *buf, const struct damon_bound *bound)
{
	if (bound->kind != DAMON_RATIO)
		return format_exactly(buf, bound->kind, bound->value);
	scnprintf(buf, DAMON_UNIT_LEN, "%g%%", bound->value / 1e4);
	return buf;
}

static bool is_one_value(const struct damon_bound *min, const struct damon_bound *max)
{
	return min->kind != DAMON_TEXT && min->kind == max->kind && min->value == max->value &&
	       !min->exclusive && !max->exclusive;
}

static int print_bound(const struct damon_bound *bound, enum damon_property i,
		       const char *compare, struct strbuf *to)
{
	char buf[DAMON_UNIT_LEN];

	if (bound->kind == DAMON_TEXT)
		return 0;
	return strbuf_addf(to, ",%s%.1s%s%s", properties[i].name, compare,
			   bound->exclusive ? "" : "=", format_bound(buf, bound));
}

static int print_bounds(const struct damon_scheme *scheme, enum damon_property i,
			struct strbuf *to)
{
	const struct damon_bound *min = &scheme->min[i], *max = &scheme->max[i];

	if (is_one_value(min, max))
		return print_bound(min, i, "", to);
	return print_bound(min, i, ">", to) ?: print_bound(max, i, "<", to);
}

static int print_quota(const struct damon_quota *quota, struct strbuf *to)
{
	enum damon_kind kind = quota->bytes ? DAMON_SIZE : DAMON_TIME;
	u64 amount = quota->bytes ?: quota->time_ns;
	char amount_str[DAMON_UNIT_LEN], window[DAMON_UNIT_LEN];

	if (!amount)
		return 0;
	return strbuf_addf(to, ",quota=%s/%s", format_exactly(amount_str, kind, amount),
			   quota->window_ns == NSEC_PER_SEC ? "s" :
			   format_exactly(window, DAMON_TIME, quota->window_ns));
}

static int print_filter(const struct damon_filter *filter, struct strbuf *to)
{
	int err = strbuf_addf(to, ",%s=%s", filter->only ? "only" : "not", filter->type);

	if (filter->path)
		return err ?: strbuf_addf(to, ":%s", filter->path);
	if (filter->end)
		return err ?: strbuf_addf(to, ":%#" PRIx64 "-%#" PRIx64, filter->start,
					  filter->end);
	if (!strcmp(filter->type, "target"))
		return err ?: strbuf_addf(to, ":%" PRIu64, filter->target);
	return err;
}

/**
 * damon_scheme__find_action - find an action by its name
 * @name: the name
 *
 * Return: the name, for &struct damon_scheme, or NULL: there is no such action.
 */
const char *damon_scheme__find_action(const char *name)
{
	const struct action *action = find_action(name);

	return action ? action->name : NULL;
}

/**
 * damon_scheme__takes_node - check whether a scheme moves memory to a node
 * @scheme: the scheme
 */
bool damon_scheme__takes_node(const struct damon_scheme *scheme)
{
	return find_action(scheme->action)->takes_node;
}

/**
 * damon_scheme__print - print a scheme for damon_scheme__parse()
 * @scheme: the scheme
 * @to: what the text is added to
 *
 * Return: 0 or -ENOMEM.
 */
int damon_scheme__print(const struct damon_scheme *scheme, struct strbuf *to)
{
	char buf[DAMON_UNIT_LEN];
	size_t i;
	int err = strbuf_addstr(to, scheme->action);

	if (damon_scheme__takes_node(scheme))
		err = err ?: strbuf_addf(to, ":%" PRIu64, scheme->node);
	for (i = 0; !err && i < DAMON_NR_PROPERTIES; i++)
		err = print_bounds(scheme, i, to);
	err = err ?: print_quota(&scheme->quota, to);
	if (scheme->apply_ns)
		err = err ?: strbuf_addf(to, ",every=%s",
					  format_exactly(buf, DAMON_TIME, scheme->apply_ns));
	for (i = 0; !err && i < scheme->nr_filters; i++)
		err = print_filter(&scheme->filter[i], to);
	return err ? -ENOMEM : 0;
}

/* In the kernel's units: bytes, samples or intervals. @up: round up, not down */
static u64 resolve(const struct damon_bound *bound, u64 aggr_ns, u64 samples, bool up)
{
	bool is_ratio = bound->kind == DAMON_RATIO;
	u64 divisor = is_ratio ? MILLION : bound->kind == DAMON_TIME ? aggr_ns ?: 1 : 1;
	u64 factor = is_ratio ? samples : 1;

	/* Millionths of samples do not overflow: these are less than 2^32. */
	return bound->value * factor / divisor + (up && bound->value * factor % divisor);
}

/**
 * damon_scheme__pattern - convert the properties of a scheme to the units of the kernel
 * @scheme: the scheme
 * @aggr_ns: the aggregation interval
 * @samples: number of samples in it
 * @pattern: set to them; of a property that is not given, all values match
 *
 * A bound between two of the kernel's values becomes the one that matches fewer regions.
 */
void damon_scheme__pattern(const struct damon_scheme *scheme, u64 aggr_ns, u64 samples,
			   struct damon_pattern *pattern)
{
	size_t i;

	for (i = 0; i < DAMON_NR_PROPERTIES; i++) {
		const struct damon_bound *min = &scheme->min[i], *max = &scheme->max[i];

		pattern->min[i] = 0;
		pattern->max[i] = i == DAMON_REGION_SIZE ? UINT64_MAX >> 1 :
				  i == DAMON_REGION_AGE ? UINT_MAX : samples;
		/* More than something is at least the next number. */
		if (min->kind != DAMON_TEXT)
			pattern->min[i] = min->exclusive ?
				resolve(min, aggr_ns, samples, false) + 1 :
				resolve(min, aggr_ns, samples, true);
		if (max->kind != DAMON_TEXT)
			pattern->max[i] = max->exclusive ?
				resolve(max, aggr_ns, samples, true) - 1 :
				resolve(max, aggr_ns, samples, false);
	}
}

/**
 * damon_scheme__needs_age - check whether a scheme asks for the age of regions
 * @scheme: the scheme
 */
bool damon_scheme__needs_age(const struct damon_scheme *scheme)
{
	return scheme->min[DAMON_REGION_AGE].kind != DAMON_TEXT ||
	       scheme->max[DAMON_REGION_AGE].kind != DAMON_TEXT;
}

/**
 * damon_scheme__check_ops - check whether a set of operations has an action and its filters
 * @scheme: the scheme
 * @ops: the set: vaddr, fvaddr or paddr
 *
 * Return: the action or the type of filter that it has not, or NULL.
 */
const char *damon_scheme__check_ops(const struct damon_scheme *scheme, const char *ops)
{
	unsigned int set = strcmp(ops, "paddr") ? OPS_VIRTUAL : OPS_PHYSICAL;
	size_t i, j;

	if (find_action(scheme->action)->ops & ~set)
		return scheme->action;
	for (i = 0; i < scheme->nr_filters; i++) {
		for (j = 0; j < ARRAY_SIZE(filter_types); j++) {
			if (!strcmp(filter_types[j].name, scheme->filter[i].type) &&
			    filter_types[j].ops & ~set)
				return scheme->filter[i].type;
		}
	}
	return NULL;
}
