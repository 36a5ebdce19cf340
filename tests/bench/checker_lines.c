#include "tests/bench/checker_lines.h"

#include <stdio.h>

void checker_unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (from[0] == '\\' && from[1] != '\0') {
			from++;
			*to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

void checker_print_escaped(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n' || *text == '\t' || *text == '\\')
			(void)printf("\\%c", *text == '\n' ? 'n' : *text == '\t' ? 't' : '\\');
		else
			(void)putchar(*text);
	}
}
