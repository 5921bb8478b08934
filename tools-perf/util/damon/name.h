/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_NAME_H
#define __PERF_DAMON_NAME_H

void damon_name__make_printable(char *name);
char *damon_name__printable(const char *name);

#endif /* __PERF_DAMON_NAME_H */
