/*
 * json_value.h - how JSON values lie in memory; for bot/json*.c alone.
 *
 * Every value lies in a block. What was parsed is one block, with its text, its names and all values; what is built
 * has a block for each value. References are counted by the block and a block is freed whole: dropping a document
 * of a hundred values costs no more than dropping one. null is NULL.
 */
#ifndef BOT_JSON_VALUE_H
#define BOT_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type {
	JSON_BOOL,   /* text: true or false */
	JSON_INT,    /* text: digits as they were written; they may stand for more than an int64_t */
	JSON_NUMBER, /* text: likewise, with a point or an exponent */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_piece;

struct json_block {
	uint32_t references;
	uint32_t class;                /* which of the kept sizes it has, or none (json_value.c) */
	char *at, *end;                /* free room */
	struct json_piece *pieces;     /* further room */
	struct json_container *shares; /* those in this block that hold values of other blocks */
	char *printed;                 /* by json_print, or NULL */
};

struct json_object {
	struct json_block *block;
	enum json_type type;
	uint32_t length;  /* bytes of the text, or how many members or elements */
	const char *text; /* ends with NUL; arrays and objects: NULL */
};

struct json_member {
	const char *name; /* elements of an array: NULL */
	size_t name_length;
	struct json_object *value;
};

struct json_container { /* what an array or an object really is */
	struct json_object head;
	struct json_member *members;
	uint32_t capacity;
	uint32_t slot_count; /* 0: few members, which are looked through; else a power of two */
	uint32_t *slots;     /* hash table of names: index into members + 1, 0 = free */
	struct json_container *next_sharing;
	bool sharing;
};

/* With room for `size` bytes, more are found when needed. It has one reference. */
struct json_block *json_block_new(size_t size);
void json_block_free(struct json_block *block);
/* Lives as long as the block; aligned for anything, not zeroed. */
void *json_block_take(struct json_block *block, size_t size);

struct json_object *json_value_new(struct json_block *block, enum json_type type, const char *text, size_t length);
struct json_object *json_container_new(struct json_block *block, enum json_type type);

/* NULL when it is neither an array nor an object. */
struct json_container *json_container_of(struct json_object *json);
/* NULL when the object has no such member. */
struct json_member *json_container_find(struct json_container *object, const char *name, size_t length);
/* At the end; `name` (NULL in an array) must live as long as the block, and be new. */
void json_container_add(struct json_container *container, const char *name, size_t length, struct json_object *value);
/* From now on it may hold values of other blocks: their references end with its block. */
void json_container_share(struct json_container *container);

#endif
