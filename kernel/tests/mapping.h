/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _DAMON_TEST_MAPPING_H
#define _DAMON_TEST_MAPPING_H

#include <kunit/test.h>

unsigned long damon_test_map(struct kunit *test, unsigned long addr,
			     unsigned long size);
unsigned long damon_test_map_page(struct kunit *test, unsigned long addr);
unsigned long damon_test_map_thp(struct kunit *test, unsigned long addr);
unsigned long damon_test_map_hugetlb(struct kunit *test, unsigned long addr);
void damon_test_touch(struct kunit *test, unsigned long addr);

#endif /* _DAMON_TEST_MAPPING_H */
