#include "bot/json.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json_value.h"
#include "bot/mem.h"
#include "bot/str.h"

#define NUMBER_SIZE 32 /* of a double with 17 digits, or an integer */
#define ROOM_OF_NEW 256 /* bytes beside a new array or object: its first members and their names */

static bool is_of(const struct json_object *json, enum json_type type)
{
	return json != NULL && json->type == type;
}

void json_free(struct json_object *json)
{
	if (json != NULL && --json->block->references == 0)
		json_block_free(json->block);
}

struct json_object *json_keep(struct json_object *json)
{
	if (json != NULL)
		json->block->references++;
	return json;
}

struct json_object *json_copy(struct json_object *json)
{
	struct json_object *copy;
	struct str text;
	struct err err;

	if (json == NULL)
		return NULL;
	str_init(&text, INT_MAX);
	json_add(&text, json);
	copy = json_parse(text.text, text.length, &err);
	str_free(&text);
	if (copy == NULL) /* what is printed can be read again */
		abort();
	return copy;
}

/* One member or element; *path moves behind it. */
static bool select_one(struct json_object **json, const char **path)
{
	const char *name = *path;
	struct json_member *member;

	if (*name == '[') {
		char *end;
		unsigned long index = strtoul(name + 1, &end, 10);

		if (*end != ']' || !is_of(*json, JSON_ARRAY))
			return false;
		*json = json_at(*json, index);
		*path = end + 1;
		return true;
	}
	*path += strcspn(name, ".[");
	if (!is_of(*json, JSON_OBJECT))
		return false;
	member = json_container_find(json_container_of(*json), name, (size_t)(*path - name));
	if (member == NULL)
		return false;
	*json = member->value;
	return true;
}

/* False when absent; *json may become NULL (JSON's null) on true. */
static bool follow(struct json_object **json, const char *path)
{
	while (*path != '\0') {
		if (*json == NULL || !select_one(json, &path))
			return false;
		if (*path == '.')
			path++;
	}
	return true;
}

struct json_object *json_get(struct json_object *json, const char *path)
{
	return follow(&json, path) ? json : NULL;
}

bool json_has(struct json_object *json, const char *path)
{
	return json != NULL && follow(&json, path);
}

const char *json_string(struct json_object *json, const char *path)
{
	struct json_object *value = json_get(json, path);

	return is_of(value, JSON_STRING) ? value->text : NULL;
}

const char *json_text(struct json_object *json, const char *path)
{
	struct json_object *value = json_get(json, path);

	return value == NULL ? NULL : value->text;
}

size_t json_string_length(struct json_object *json, const char *path)
{
	struct json_object *value = json_get(json, path);

	return is_of(value, JSON_STRING) ? value->length : 0;
}

int64_t json_int(struct json_object *json, const char *path, int64_t fallback)
{
	struct json_object *value = json_get(json, path);
	int64_t number;

	if (!is_of(value, JSON_INT))
		return fallback;
	errno = 0;
	number = strtoll(value->text, NULL, 10);
	return errno == 0 ? number : fallback;
}

/*
 * Most numbers are a few digits with a point among them: as a double each of the two is exact, and so the quotient is
 * what strtod gives (Clinger, "How to read floating point numbers accurately"), in a tenth of the time.
 */
static double number_of(const char *text)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
		                         1e15, 1e16, 1e17, 1e18 };
	const char *at = text + (*text == '-'), *point = NULL;
	uint64_t digits = 0;
	size_t count = 0, behind;
	double number;

	for (; count < 19 && ((*at >= '0' && *at <= '9') || *at == '.'); at++) {
		if (*at == '.') {
			point = at;
			continue;
		}
		digits = 10 * digits + (uint64_t)(*at - '0');
		count++;
	}
	behind = point == NULL ? 0 : (size_t)(at - point - 1);
	if (*at != '\0' || digits > (UINT64_C(1) << 53))
		return strtod(text, NULL);
	number = (double)digits / powers[behind];
	return *text == '-' ? -number : number;
}

double json_number(struct json_object *json, const char *path, double fallback)
{
	struct json_object *value = json_get(json, path);

	return is_of(value, JSON_INT) || is_of(value, JSON_NUMBER) ? number_of(value->text) : fallback;
}

bool json_flag(struct json_object *json, const char *path, bool fallback)
{
	struct json_object *value = json_get(json, path);

	return is_of(value, JSON_BOOL) ? value->text[0] == 't' : fallback;
}

bool json_is_object(struct json_object *json)
{
	return is_of(json, JSON_OBJECT);
}

bool json_is_array(struct json_object *json)
{
	return is_of(json, JSON_ARRAY);
}

bool json_is_string(struct json_object *json)
{
	return is_of(json, JSON_STRING);
}

size_t json_count(struct json_object *json)
{
	return json_container_of(json) != NULL ? json->length : 0;
}

struct json_object *json_at(struct json_object *array, size_t index)
{
	if (!is_of(array, JSON_ARRAY) || index >= array->length)
		return NULL;
	return json_container_of(array)->members[index].value;
}

void json_each(struct json_object *object,
               bool (*each)(void *arg, const char *key, struct json_object *value), void *arg)
{
	struct json_container *container = json_container_of(object);

	if (!is_of(object, JSON_OBJECT))
		return;
	for (uint32_t i = 0; i < container->head.length; i++)
		if (!each(arg, container->members[i].name, container->members[i].value))
			return;
}

uint64_t json_hash(uint64_t start, struct json_object *json)
{
	struct json_container *container = json_container_of(json);
	uint64_t hash;

	if (json == NULL)
		return str_hash(start, "", 0);
	hash = start + 1 + (uint64_t)json->type;
	if (container == NULL)
		return str_hash(hash, json->text, json->length);
	hash = str_hash(hash, &json->length, sizeof(json->length));
	for (uint32_t i = 0; i < container->head.length; i++) {
		const struct json_member *member = &container->members[i];

		hash = json_hash(str_hash(hash, member->name, member->name_length), member->value);
	}
	return hash;
}

/* --- builders --- */

static const char *copy_text(struct json_block *block, const char *text, size_t length)
{
	char *copy = memcpy(json_block_take(block, length + 1), text, length);

	copy[length] = '\0';
	return copy;
}

/* In the block of the array or object that it is for; NULL: in one of its own. */
static struct json_object *new_text(struct json_object *into, enum json_type type, const char *text, size_t length)
{
	struct json_block *block =
		into != NULL ? into->block : json_block_new(sizeof(struct json_object) + length + 1);

	return json_value_new(block, type, copy_text(block, text, length), length);
}

static struct json_object *new_int(struct json_object *into, int64_t value)
{
	char digits[NUMBER_SIZE];

	return new_text(into, JSON_INT, digits, str_format_int(digits, value));
}

static struct json_object *new_number(struct json_object *into, double value)
{
	char digits[NUMBER_SIZE];
	int length = snprintf(digits, sizeof(digits), "%.17g", value);

	return isfinite(value) ? new_text(into, JSON_NUMBER, digits, (size_t)length) : NULL;
}

static struct json_object *new_bool(struct json_object *into, bool value)
{
	return new_text(into, JSON_BOOL, value ? "true" : "false", value ? 4 : 5);
}

static struct json_object *new_container(enum json_type type)
{
	return json_container_new(json_block_new(sizeof(struct json_container) + ROOM_OF_NEW), type);
}

struct json_object *json_new_object(void)
{
	return new_container(JSON_OBJECT);
}

struct json_object *json_new_array(void)
{
	return new_container(JSON_ARRAY);
}

struct json_object *json_new_string(const char *text)
{
	return new_text(NULL, JSON_STRING, text, strlen(text));
}

struct json_object *json_new_int(int64_t value)
{
	return new_int(NULL, value);
}

struct json_object *json_new_number(double value)
{
	return new_number(NULL, value);
}

struct json_object *json_new_bool(bool value)
{
	return new_bool(NULL, value);
}

/* `value` is in no container yet, or is shared: its reference goes over to this one. */
static struct json_object *taken_over(struct json_container *container, struct json_object *value)
{
	if (value == NULL)
		return NULL;
	if (value->block == container->head.block) /* a block that refers to itself would never be freed */
		json_free(value);
	else
		json_container_share(container);
	return value;
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	struct json_container *container = json_container_of(object);
	size_t length = strlen(key);
	struct json_member *member;

	assert(json_is_object(object));
	member = json_container_find(container, key, length);
	if (member == NULL) {
		json_container_add(container, copy_text(object->block, key, length), length, value);
		return;
	}
	if (member->value != NULL && member->value->block != object->block)
		json_free(member->value);
	member->value = value;
}

void json_put(struct json_object *object, const char *key, struct json_object *value)
{
	put(object, key, taken_over(json_container_of(object), value));
}

void json_put_string(struct json_object *object, const char *key, const char *text)
{
	if (text != NULL)
		put(object, key, new_text(object, JSON_STRING, text, strlen(text)));
}

void json_put_int(struct json_object *object, const char *key, int64_t value)
{
	put(object, key, new_int(object, value));
}

void json_put_number(struct json_object *object, const char *key, double value)
{
	put(object, key, new_number(object, value));
}

void json_put_bool(struct json_object *object, const char *key, bool value)
{
	put(object, key, new_bool(object, value));
}

void json_append(struct json_object *array, struct json_object *value)
{
	struct json_container *container = json_container_of(array);

	assert(json_is_array(array));
	json_container_add(container, NULL, 0, taken_over(container, value));
}

void json_append_string(struct json_object *array, const char *text)
{
	json_container_add(json_container_of(array), NULL, 0, new_text(array, JSON_STRING, text, strlen(text)));
}

