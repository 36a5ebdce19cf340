/* runbook.c - finding runbooks, and putting arguments into their scripts. */
#include "bot/runbook.h"

#include <ctype.h>
#include <string.h>

const char *runbook_placeholder(const char *script, size_t *length)
{
	while ((script = strstr(script, "{{")) != NULL) {
		const char *name = script + 2;
		size_t count = 0;

		while (isalnum((unsigned char)name[count]) || name[count] == '-' || name[count] == '_')
			count++;
		if (isalpha((unsigned char)name[0]) && name[count] == '}' && name[count + 1] == '}') {
			*length = count;
			return name;
		}
		script++;
	}
	return NULL;
}
