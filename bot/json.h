/*
 * json.h - JSON values behind a path selector: read from text, looked at, built, printed.
 *
 * A path names members and array elements: "detail.state.value", "Metrics[0].Id". Getters return
 * NULL, the fallback or false when anything on the way is absent or of another type: reading
 * hostile input needs no checks in between.
 *
 * A value belongs to one thread at a time; different values may be read and built on different threads.
 *
 * What was parsed lies in one block of memory, and keeping any part of it keeps all of it: what is
 * to stay long is copied (json_copy).
 */
#ifndef BOT_JSON_H
#define BOT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct json_object;
struct str;

/*
 * Strict parse: UTF-8 checked, depth at most 64, no trailing bytes, no comments. The result is
 * owned (json_free). Of equal keys the last wins. The value null is an error.
 */
struct json_object *json_parse(const char *text, size_t length, struct err *err) MUST_CHECK;
/* The same, but an object that names a member twice is refused: no reader can see another value. */
struct json_object *json_parse_unique(const char *text, size_t length, struct err *err) MUST_CHECK;
void json_free(struct json_object *json);                       /* drops one reference */
struct json_object *json_keep(struct json_object *json);        /* takes one reference */
struct json_object *json_copy(struct json_object *json);        /* in memory of its own; NULL gives NULL */

struct json_object *json_get(struct json_object *json, const char *path); /* borrowed or NULL */
const char *json_string(struct json_object *json, const char *path);      /* strings only; borrowed */
const char *json_text(struct json_object *json, const char *path); /* also numbers and booleans as text */
size_t json_string_length(struct json_object *json, const char *path); /* of the string, NULs included */
int64_t json_int(struct json_object *json, const char *path, int64_t fallback); /* or it does not fit */
double json_number(struct json_object *json, const char *path, double fallback);
bool json_flag(struct json_object *json, const char *path, bool fallback);
bool json_has(struct json_object *json, const char *path); /* present, even when null */
bool json_is_object(struct json_object *json);
bool json_is_array(struct json_object *json);
bool json_is_string(struct json_object *json);
size_t json_count(struct json_object *json); /* elements of an array, members of an object, else 0 */
struct json_object *json_at(struct json_object *array, size_t index); /* borrowed or NULL */
/* Calls back for each member in order, until false is returned. */
void json_each(struct json_object *object,
               bool (*each)(void *arg, const char *key, struct json_object *value), void *arg);

/* Builders. A container and the plain values put into it with json_put_string and its like are one piece of memory,
 * so what they replace is freed only with the container. Values given to *_put and *_append are taken over, NULL stands
 * for null; NULL text is left out. */
struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *text);
struct json_object *json_new_int(int64_t value);
struct json_object *json_new_number(double value); /* NULL (null) when it is not finite */
struct json_object *json_new_bool(bool value);
void json_put(struct json_object *object, const char *key, struct json_object *value);
void json_put_string(struct json_object *object, const char *key, const char *text);
void json_put_int(struct json_object *object, const char *key, int64_t value);
void json_put_number(struct json_object *object, const char *key, double value);
void json_put_bool(struct json_object *object, const char *key, bool value);
void json_append(struct json_object *array, struct json_object *value);
void json_append_string(struct json_object *array, const char *text);

/* One line, no spaces, slashes not escaped. Borrowed: valid until json, or another part of the same parsed text, is
 * printed again or freed. */
const char *json_print(struct json_object *json);
/* Indented, for people. Borrowed likewise. */
const char *json_print_pretty(struct json_object *json);
void json_add(struct str *out, struct json_object *json); /* as json_print; NULL: null */
/* Of what json_print would print, but for spelling: the same for the same names, texts and digits in the same order. */
uint64_t json_hash(uint64_t start, struct json_object *json);

#endif
