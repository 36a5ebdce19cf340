/*
 * fields.h - a C struct described by a table, so that it can be saved as JSON and loaded again.
 *
 * What a flow, an incident or an alarm remembers across a kill -9 is exactly what its table
 * lists. Strings and JSON values are owned by the struct; fields_free releases them.
 */
#ifndef BOT_FIELDS_H
#define BOT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct str;

enum field_type {
	FIELD_STRING, /* char *             NULL is not saved */
	FIELD_INT,    /* int64_t            0 is not saved */
	FIELD_NUMBER, /* double             always saved; not finite is saved as null and loaded as NaN */
	FIELD_BOOL,   /* bool               false is not saved */
	FIELD_JSON,   /* struct json_object * NULL is not saved */
	FIELD_SCRATCH, /* char *            owned, but never saved: gone after a crash */
};

struct field {
	const char *name; /* NULL ends the table */
	enum field_type type;
	size_t offset;
};

#define FIELD(type, struct_, member) { #member, type, offsetof(struct struct_, member) }
#define FIELDS_END { NULL, FIELD_STRING, 0 }

struct json_object *fields_save(const struct field *fields, const void *object); /* owned by the caller */
/* The same as text, for what is saved often: members separated by commas, without the braces. */
void fields_print(const struct field *fields, const void *object, struct str *out);
/* Sets every listed member: absent or wrongly typed values give NULL, 0, false (NaN for numbers). */
void fields_load(const struct field *fields, void *object, struct json_object *json);
void fields_free(const struct field *fields, void *object); /* members become NULL or 0 */
/* Strings are copied; JSON values are shared, so neither struct may alter one in place. */
void fields_copy(const struct field *fields, void *to, const void *from);

#endif
