/* SPDX-License-Identifier: GPL-2.0 */
/* Pages from which programs are executed */
#ifndef CODE_H
#define CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "space.h"

struct code;

struct code *code_find(uint64_t virtual, uint64_t physical, bool both);
void code_execute(struct code *code, struct space *space);

#endif /* CODE_H */
