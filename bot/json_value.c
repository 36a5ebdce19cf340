#include "bot/json_value.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "bot/spare.h"

#define ALIGNMENT 8
#define FIRST_CAPACITY 4
#define SLOTS_FROM 16 /* members; below, a look at each is faster than a hash */
#define PIECE_MIN 512
/* A message is two parsed texts, one in the other. Their blocks are its largest: each thread keeps some. */
#define KEPT_CLASSES 3 /* of 4, 8 and 16 KiB */
#define KEPT_SMALLEST 4096
#define KEPT_MOST 2
#define NO_CLASS KEPT_CLASSES

struct json_piece {
	struct json_piece *next;
	size_t size;
	char bytes[];
};

static size_t aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void free_kept(void *arg)
{
	struct spare *kept = arg;

	for (int i = 0; i < KEPT_CLASSES; i++)
		spare_free_all(&kept[i]);
	free(kept);
}

static void make_key(void)
{
	if (pthread_key_create(&kept_key, free_kept) != 0)
		mem_none_left();
}

/* This thread's, by class. */
static struct spare *kept_blocks(void)
{
	struct spare *kept;

	(void)pthread_once(&kept_once, make_key);
	kept = pthread_getspecific(kept_key);
	if (kept != NULL)
		return kept;
	kept = mem_alloc(KEPT_CLASSES * sizeof(*kept));
	for (size_t i = 0; i < KEPT_CLASSES; i++)
		kept[i] = (struct spare){ .size = (size_t)KEPT_SMALLEST << i, .most = KEPT_MOST };
	if (pthread_setspecific(kept_key, kept) != 0)
		mem_none_left();
	return kept;
}

static uint32_t class_of(size_t size)
{
	uint32_t class = 0;

	while (class < KEPT_CLASSES && size > (size_t)KEPT_SMALLEST << class)
		class++;
	return size > KEPT_SMALLEST / 2 ? class : NO_CLASS;
}

struct json_block *json_block_new(size_t size)
{
	size_t whole = aligned(sizeof(struct json_block)) + aligned(size);
	uint32_t class = class_of(whole);
	struct json_block *block = class == NO_CLASS ? mem_resize(NULL, whole) : spare_take(&kept_blocks()[class]);

	if (class != NO_CLASS)
		whole = (size_t)KEPT_SMALLEST << class;
	*block = (struct json_block){ .references = 1, .class = class };
	block->at = (char *)block + aligned(sizeof(*block));
	block->end = (char *)block + whole;
	return block;
}

/* Twice as large as the piece before it, so that there are few. */
static void add_piece(struct json_block *block, size_t size)
{
	size_t before = block->pieces != NULL ? block->pieces->size : PIECE_MIN / 2;
	struct json_piece *piece;

	if (size < before * 2)
		size = before * 2;
	piece = mem_resize(NULL, sizeof(*piece) + size);
	piece->next = block->pieces;
	piece->size = size;
	block->pieces = piece;
	block->at = piece->bytes;
	block->end = piece->bytes + size;
}

void *json_block_take(struct json_block *block, size_t size)
{
	void *taken;

	size = aligned(size);
	if (size > (size_t)(block->end - block->at))
		add_piece(block, size);
	taken = block->at;
	block->at += size;
	return taken;
}

static void drop_shared(struct json_container *container)
{
	for (uint32_t i = 0; i < container->head.length; i++) {
		struct json_object *value = container->members[i].value;

		if (value != NULL && value->block != container->head.block)
			json_free(value);
	}
}

void json_block_free(struct json_block *block)
{
	for (struct json_container *c = block->shares; c != NULL; c = c->next_sharing)
		drop_shared(c);
	for (struct json_piece *piece = block->pieces, *next; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(block->printed);
	if (block->class == NO_CLASS)
		free(block);
	else
		spare_give(&kept_blocks()[block->class], block);
}

struct json_object *json_value_new(struct json_block *block, enum json_type type, const char *text, size_t length)
{
	struct json_object *value = json_block_take(block, sizeof(*value));

	assert(length <= UINT32_MAX);
	*value = (struct json_object){ .block = block, .type = type, .length = (uint32_t)length, .text = text };
	return value;
}

struct json_object *json_container_new(struct json_block *block, enum json_type type)
{
	struct json_container *container = json_block_take(block, sizeof(*container));

	*container = (struct json_container){ .head = { .block = block, .type = type } };
	return &container->head;
}

struct json_container *json_container_of(struct json_object *json)
{
	return json != NULL && json->type >= JSON_ARRAY ? (struct json_container *)(void *)json : NULL;
}

/* --- members --- */

/* Secret, because names come from outside; the same for all threads, whichever asks first. */
static uint64_t hash_start(void)
{
	static _Atomic uint64_t start;
	uint64_t known = atomic_load_explicit(&start, memory_order_relaxed), made;

	while (known == 0) {
		made = random_u64();
		if (atomic_compare_exchange_strong(&start, &known, made))
			known = made;
	}
	return known;
}

/* FNV-1a */
static uint64_t hash_of(const char *name, size_t length)
{
	uint64_t hash = hash_start();

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 0x100000001B3u;
	return hash ^ (hash >> 32);
}

static bool is_named(const struct json_member *member, const char *name, size_t length)
{
	if (member->name_length != length || (length > 0 && member->name[0] != name[0]))
		return false;
	return memcmp(member->name, name, length) == 0;
}

/* The name's slot, or the free one where it would be. */
static uint32_t *find_slot(const struct json_container *object, const char *name, size_t length)
{
	uint32_t mask = object->slot_count - 1, at = (uint32_t)hash_of(name, length) & mask;

	while (object->slots[at] != 0 && !is_named(&object->members[object->slots[at] - 1], name, length))
		at = (at + 1) & mask;
	return &object->slots[at];
}

struct json_member *json_container_find(struct json_container *object, const char *name, size_t length)
{
	if (object->slot_count > 0) {
		uint32_t index = *find_slot(object, name, length);

		return index == 0 ? NULL : &object->members[index - 1];
	}
	for (uint32_t i = 0; i < object->head.length; i++)
		if (is_named(&object->members[i], name, length))
			return &object->members[i];
	return NULL;
}

static void grow(struct json_container *container)
{
	uint32_t capacity = container->capacity == 0 ? FIRST_CAPACITY : container->capacity * 2;
	size_t size = capacity * sizeof(*container->members);

	assert(capacity > container->capacity);
	container->members = container->head.length == 0
	                         ? json_block_take(container->head.block, size)
	                         : memcpy(json_block_take(container->head.block, size), container->members,
	                                  container->head.length * sizeof(*container->members));
	container->capacity = capacity;
}

/* Half full at most. */
static void make_slots(struct json_container *object)
{
	object->slot_count = object->capacity * 2;
	object->slots = json_block_take(object->head.block, object->slot_count * sizeof(*object->slots));
	memset(object->slots, 0, object->slot_count * sizeof(*object->slots));
	for (uint32_t i = 0; i < object->head.length; i++)
		*find_slot(object, object->members[i].name, object->members[i].name_length) = i + 1;
}

void json_container_add(struct json_container *container, const char *name, size_t length, struct json_object *value)
{
	bool full = container->head.length == container->capacity;

	if (full)
		grow(container);
	container->members[container->head.length++] = (struct json_member){ name, length, value };
	if (container->head.type == JSON_ARRAY || container->head.length <= SLOTS_FROM)
		return;
	if (full)
		make_slots(container);
	else
		*find_slot(container, name, length) = container->head.length;
}

void json_container_share(struct json_container *container)
{
	struct json_block *block = container->head.block;

	if (container->sharing)
		return;
	container->sharing = true;
	container->next_sharing = block->shares;
	block->shares = container;
}
