#include "bot/fields.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define NAME_MAX_BYTES 60

static void *at(const struct field *field, void *object)
{
	return (char *)object + field->offset;
}

static const void *at_const(const struct field *field, const void *object)
{
	return (const char *)object + field->offset;
}

struct json_object *fields_save(const struct field *fields, const void *object)
{
	struct json_object *json = json_new_object();

	for (const struct field *f = fields; f->name != NULL; f++) {
		const void *value = at_const(f, object);

		switch (f->type) {
		case FIELD_STRING:
			json_put_string(json, f->name, *(char *const *)value);
			break;
		case FIELD_INT:
			if (*(const int64_t *)value != 0)
				json_put_int(json, f->name, *(const int64_t *)value);
			break;
		case FIELD_NUMBER:
			json_put(json, f->name, isfinite(*(const double *)value)
			                            ? json_new_number(*(const double *)value) : NULL);
			break;
		case FIELD_BOOL:
			if (*(const bool *)value)
				json_put_bool(json, f->name, true);
			break;
		case FIELD_JSON:
			if (*(struct json_object *const *)value != NULL)
				json_put(json, f->name, json_keep(*(struct json_object *const *)value));
			break;
		case FIELD_SCRATCH:
			break;
		}
	}
	return json;
}

static void print_number(struct str *out, double value)
{
	if (!isfinite(value))
		str_add(out, "null");
	else if (fabs(value) < 1e15 && value == (double)(int64_t)value)
		str_add_int(out, (int64_t)value);
	else
		str_addf(out, "%.17g", value);
}

static bool is_empty(const struct field *f, const void *value)
{
	switch (f->type) {
	case FIELD_STRING:
		return *(char *const *)value == NULL;
	case FIELD_INT:
		return *(const int64_t *)value == 0;
	case FIELD_NUMBER:
		return false;
	case FIELD_BOOL:
		return !*(const bool *)value;
	case FIELD_JSON:
		return *(struct json_object *const *)value == NULL;
	case FIELD_SCRATCH:
		return true;
	}
	return true;
}

static void print_value(const struct field *f, const void *value, struct str *out)
{
	switch (f->type) {
	case FIELD_STRING:
		str_add_json(out, *(char *const *)value, strlen(*(char *const *)value));
		break;
	case FIELD_INT:
		str_add_int(out, *(const int64_t *)value);
		break;
	case FIELD_NUMBER:
		print_number(out, *(const double *)value);
		break;
	case FIELD_BOOL:
		str_add(out, "true");
		break;
	case FIELD_JSON:
		json_add(out, *(struct json_object *const *)value);
		break;
	case FIELD_SCRATCH:
		break;
	}
}

/* In one piece: it is done some forty times for each saved incident. */
static void print_name(const char *name, bool first, struct str *out)
{
	char text[NAME_MAX_BYTES + 4];
	size_t length = strlen(name), at = 0;

	assert(length <= NAME_MAX_BYTES);
	if (!first)
		text[at++] = ',';
	text[at++] = '"';
	memcpy(text + at, name, length);
	at += length;
	text[at++] = '"';
	text[at++] = ':';
	str_add_bytes(out, text, at);
}

void fields_print(const struct field *fields, const void *object, struct str *out)
{
	bool first = true;

	for (const struct field *f = fields; f->name != NULL; f++) {
		const void *value = at_const(f, object);

		if (is_empty(f, value))
			continue;
		print_name(f->name, first, out);
		print_value(f, value, out);
		first = false;
	}
}

void fields_load(const struct field *fields, void *object, struct json_object *json)
{
	fields_free(fields, object);
	for (const struct field *f = fields; f->name != NULL; f++) {
		void *value = at(f, object);

		switch (f->type) {
		case FIELD_STRING:
			*(char **)value = mem_copy_string(json_string(json, f->name));
			break;
		case FIELD_INT:
			*(int64_t *)value = json_int(json, f->name, 0);
			break;
		case FIELD_NUMBER:
			*(double *)value = json_number(json, f->name, (double)NAN);
			break;
		case FIELD_BOOL:
			*(bool *)value = json_flag(json, f->name, false);
			break;
		case FIELD_JSON:
			*(struct json_object **)value = json_copy(json_get(json, f->name));
			break;
		case FIELD_SCRATCH:
			break;
		}
	}
}

void fields_copy(const struct field *fields, void *to, const void *from)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		void *copy = at(f, to);
		const void *value = at_const(f, from);

		switch (f->type) {
		case FIELD_STRING:
		case FIELD_SCRATCH:
			mem_set_string(copy, *(char *const *)value);
			break;
		case FIELD_INT:
			*(int64_t *)copy = *(const int64_t *)value;
			break;
		case FIELD_NUMBER:
			*(double *)copy = *(const double *)value;
			break;
		case FIELD_BOOL:
			*(bool *)copy = *(const bool *)value;
			break;
		case FIELD_JSON:
			json_free(*(struct json_object **)copy);
			*(struct json_object **)copy = json_keep(*(struct json_object *const *)value);
			break;
		}
	}
}

void fields_free(const struct field *fields, void *object)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		void *value = at(f, object);

		switch (f->type) {
		case FIELD_STRING:
		case FIELD_SCRATCH:
			mem_set_string(value, NULL);
			break;
		case FIELD_INT:
			*(int64_t *)value = 0;
			break;
		case FIELD_NUMBER:
			*(double *)value = 0;
			break;
		case FIELD_BOOL:
			*(bool *)value = false;
			break;
		case FIELD_JSON:
			json_free(*(struct json_object **)value);
			*(struct json_object **)value = NULL;
			break;
		}
	}
}
