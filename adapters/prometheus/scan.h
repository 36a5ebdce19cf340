/*
 * scan.h - a cursor over JSON text that keeps nothing: for answers of millions of numbers, of which a tree of values
 * would take eight times the room of the text.
 *
 * Each function steps over what it names, white space before it included, and returns false, without an error of
 * its own, when something else is there. The text must end with a NUL behind its last byte.
 */
#ifndef ADAPTERS_PROMETHEUS_SCAN_H
#define ADAPTERS_PROMETHEUS_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct str;

#define PROMETHEUS_SCAN_DEPTH 32 /* of arrays and objects within what is skipped */

struct prometheus_scan {
	const char *at, *end;
};

char prometheus_scan_peek(struct prometheus_scan *scan); /* the next character that is no white space; NUL at the end */
bool prometheus_scan_take(struct prometheus_scan *scan, char c);
/* A string, unescaped, is added to *out (NULL: nowhere). Ill-formed escapes are refused; bytes are not checked. */
bool prometheus_scan_string(struct prometheus_scan *scan, struct str *out);
bool prometheus_scan_number(struct prometheus_scan *scan, double *out);
/* A string that holds a number, as Prometheus writes values: "1.5", "NaN", "+Inf". */
bool prometheus_scan_quoted_number(struct prometheus_scan *scan, double *out);
bool prometheus_scan_skip(struct prometheus_scan *scan); /* any value */

/*
 * The members of an object, or the elements of an array: fn is called for each, and must step over its value. name:
 * unescaped, cut to 64 bytes; NULL in an array. False when fn returned false or the text is ill-formed.
 */
typedef bool prometheus_scan_fn(void *arg, const char *name, struct prometheus_scan *scan);
bool prometheus_scan_object(struct prometheus_scan *scan, prometheus_scan_fn *fn, void *arg);
bool prometheus_scan_array(struct prometheus_scan *scan, prometheus_scan_fn *fn, void *arg);

#endif
