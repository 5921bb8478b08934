// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of an address space are a maple tree (lib/maple_tree.c). The pointer to a node has
 * the node's type in its lower bits. A node has ascending pivots, and between two of them a slot:
 * the pointer to a node, or in a leaf to a mapping. The last pivot that is used, or that would be,
 * is the end of the node.
 */
#include "mappings.h"

#include "layout.h"
#include "memory.h"

#define NODE_MASK	255UL
#define NODE_TYPE(node)	((node) >> 3 & 15)

enum { LEAF_64 = 1, RANGE_64, ARANGE_64 };

#define RANGE_SLOTS	16
#define ARANGE_SLOTS	10
#define VM_EXEC		4

static bool is_pointer(unsigned long entry)
{
	return entry >> 47 == 0x1ffff;
}

static bool visit_mapping(unsigned long vma, mapping_visit visit, void *data)
{
	struct mapping mapping = {
		.start = memory_read(vma + layout.vma_start),
		.end = memory_read(vma + layout.vma_end),
		.executable = memory_read(vma + layout.vma_flags) & VM_EXEC,
	};

	return visit(&mapping, data);
}

/* @depth ends the walk if this is not a tree */
static bool visit_node(unsigned long entry, unsigned long last, unsigned int depth,
		       mapping_visit visit, void *data)
{
	unsigned int type = NODE_TYPE(entry), nr = type == ARANGE_64 ? ARANGE_SLOTS : RANGE_SLOTS;
	unsigned long node = entry & ~NODE_MASK;
	unsigned long pivots = node + (type == ARANGE_64 ? layout.arange_pivots :
						      layout.range_pivots);
	unsigned long slots = node + (type == ARANGE_64 ? layout.arange_slots :
						     layout.range_slots);

	if (type < LEAF_64 || type > ARANGE_64 || !depth)
		return false;
	for (unsigned int i = 0; i < nr; i++) {
		unsigned long pivot = i < nr - 1 ? memory_read(pivots + 8 * i) : 0;
		unsigned long slot = memory_read(slots + 8 * i), end = pivot ? pivot : last;

		/* The room of the last slot may have something else. */
		if (is_pointer(slot)) {
			if (type == LEAF_64 ? visit_mapping(slot, visit, data) :
			    visit_node(slot, end, depth - 1, visit, data))
				return true;
		}
		if (end >= last)
			break;
	}
	return false;
}

/* @mm: the kernel's address of the mm_struct. Returns whether @visit ended it. */
bool mappings_visit(unsigned long mm, mapping_visit visit, void *data)
{
	unsigned long root = memory_read(mm + layout.mm_tree);

	return is_pointer(root) && visit_node(root, ~0UL, 8, visit, data);
}
