/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_KDAMOND_H
#define _MM_DAMON_KDAMOND_H

#include <linux/mutex.h>

extern struct mutex damon_lock;

#endif /* _MM_DAMON_KDAMOND_H */
