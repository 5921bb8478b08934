// SPDX-License-Identifier: GPL-2.0
/*
 * The user that the command runs as, if it is not to run as root, which DAMON wants.
 */
#include "user.h"
#include "util/debug.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* A name, or the number of a user who has one. */
static const struct passwd *find(const char *name)
{
	const struct passwd *user = getpwnam(name);
	char *end;
	uid_t uid;

	if (user || !isdigit(*name))
		return user;
	uid = strtoul(name, &end, 10);
	return *end ? NULL : getpwuid(uid);
}

/**
 * damon_user__check - check that there is such a user
 * @name: the name or number
 *
 * Return: 0 or a negative error number; the error is printed.
 */
int damon_user__check(const char *name)
{
	if (find(name))
		return 0;
	pr_err("--user: there is no user '%s'\n", name);
	return -ENOENT;
}

/**
 * damon_user__become - become this user for good, in a new process
 * @name: the name or number
 *
 * The environment is as after su: that of the user as far as it tells of him, otherwise the same.
 *
 * Return: 0 or a negative error number; the error is printed.
 */
int damon_user__become(const void *name)
{
	const struct passwd *user = find(name);
	int err;

	if (!user)
		return damon_user__check(name);
	if (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) ||
	    setuid(user->pw_uid)) {
		err = -errno;
		pr_err("--user: cannot become %s: %m\n", user->pw_name);
		return err;
	}
	if (setenv("HOME", user->pw_dir, 1) || setenv("SHELL", user->pw_shell, 1) ||
	    setenv("USER", user->pw_name, 1) || setenv("LOGNAME", user->pw_name, 1))
		return -ENOMEM;
	return 0;
}
