/* checker_lines.h - texts within a line of tab-separated fields: \n, \t and \\ stand for what would break it. */
#ifndef TESTS_BENCH_CHECKER_LINES_H
#define TESTS_BENCH_CHECKER_LINES_H

void checker_unescape(char *text); /* in place */
void checker_print_escaped(const char *text); /* to stdout */

#endif
