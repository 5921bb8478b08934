/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PERF_UI_STDIO_PROGRESS_H_
#define _PERF_UI_STDIO_PROGRESS_H_ 1

#include <stdio.h>

void stdio_progress__init(void);
void stdio_progress__start(FILE *out);
void stdio_progress__stop(void);

#endif /* _PERF_UI_STDIO_PROGRESS_H_ */
