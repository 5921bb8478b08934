/* SPDX-License-Identifier: GPL-2.0 */
/* Pages from which programs are executed */
#ifndef CODE_H
#define CODE_H

#include <stdbool.h>

#include "space.h"

struct code;

struct code *code_find(unsigned long virtual, unsigned long physical, bool both);
void code_execute(struct code *code, struct space *space);

#endif /* CODE_H */
