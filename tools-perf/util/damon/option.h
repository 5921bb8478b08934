/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_OPTION_H
#define __PERF_DAMON_OPTION_H

#include <subcmd/parse-options.h>

/* The exit status of perf if its options are wrong. */
#define EXIT_USAGE	129

/* OPT_CALLBACK() that refuses --no-OPTION, with which the callback would get no value. */
#define OPT_NO_UNSET(s, l, v, a, h, f)							\
	{ .type = OPTION_CALLBACK, .short_name = (s), .long_name = (l), .value = (v),	\
	  .argh = (a), .help = (h), .callback = (f), .flags = PARSE_OPT_NONEG }

#endif /* __PERF_DAMON_OPTION_H */
