// SPDX-License-Identifier: GPL-2.0
/*
 * Colours of heat maps, from never accessed to most accessed.
 */
#include "palette.h"
#include "util/debug.h"

#include <string.h>
#include <linux/kernel.h>
#include <subcmd/parse-options.h>

static const struct damon_palette palettes[] = {
	{
		.name		= "heat",
		.colors		= { 233, 17, 18, 54, 90, 125, 160, 202, 214, 229 },
		.stops	= { "0 '#101018'", "0.02 '#00005f'", "0.3 '#870087'", "0.6 '#d70000'",
			    "0.85 '#ffaf00'", "1 '#ffffd7'" },
	},
	{
		.name		= "gray",
		.colors		= { 232, 235, 238, 240, 243, 245, 248, 250, 253, 255 },
		.stops	= { "0 '#080808'", "1 '#eeeeee'" },
	},
	{
		/* Even steps, also with red-green colour blindness. */
		.name		= "viridis",
		.colors		= { 53, 54, 60, 24, 30, 29, 35, 71, 148, 226 },
		.stops	= { "0 '#440154'", "0.25 '#3b528b'", "0.5 '#21918c'", "0.75 '#5ec962'",
			    "1 '#fde725'" },
	},
	{
		/* For paper, and for bright terminals. */
		.name		= "paper",
		.colors		= { 231, 230, 229, 223, 217, 210, 203, 160, 124, 52 },
		.stops	= { "0 '#ffffff'", "0.02 '#ffffd7'", "0.4 '#ff8787'", "0.8 '#af0000'",
			    "1 '#5f0000'" },
	},
};

/**
 * damon_palette__default - get the default palette
 *
 * Return: the palette.
 */
const struct damon_palette *damon_palette__default(void)
{
	return &palettes[0];
}

/**
 * damon_palette__parse - parse --palette
 * @opt: the option; its value is the palette
 * @str: its name
 * @unset: there is no negated form
 *
 * Return: 0 or -1; errors are printed.
 */
int damon_palette__parse(const struct option *opt, const char *str, int unset __maybe_unused)
{
	const struct damon_palette **palette = opt->value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(palettes); i++) {
		if (!strcmp(palettes[i].name, str)) {
			*palette = &palettes[i];
			return 0;
		}
	}
	pr_err("--palette: no '%s': there are", str);
	for (i = 0; i < ARRAY_SIZE(palettes); i++)
		pr_err(" %s", palettes[i].name);
	pr_err("\n");
	return -1;
}
