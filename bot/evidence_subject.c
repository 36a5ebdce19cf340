/* What is talked about: which subjects a sentence names, and which names are known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/evidence_private.h"
#include "bot/mem.h"
#include "bot/str.h"

#define SUBJECTS_MAX 4000
#define NAMES_MAX 50000
#define LOOKED_MAX 5000
#define ERRORS_AMONG 2 /* words of a sentence that tells of errors */
#define WHOLE 1e6
#define COMMON 0.6 /* a word that so many of all subjects have names none */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t evidence_subject_add(struct evidence *evidence, const char *name, size_t length)
{
	struct evidence_words words;
	struct evidence_subject *subject;

	evidence_words_read(&words, name, length);
	for (size_t i = 0; i < evidence->subject_count; i++) {
		size_t same = 0;

		subject = &evidence->subjects[i];
		for (size_t j = 0; j < subject->count && subject->count == words.count; j++)
			same += subject->words[j] == words.words[j] ? 1 : 0;
		if (same == words.count && subject->count == words.count)
			return i;
	}
	if (evidence->subject_count == SUBJECTS_MAX)
		return 0;
	if (evidence->subject_count == evidence->subject_capacity) {
		evidence->subject_capacity = evidence->subject_capacity * 2 + 16;
		evidence->subjects =
		    mem_resize(evidence->subjects, evidence->subject_capacity * sizeof(*evidence->subjects));
	}
	subject = &evidence->subjects[evidence->subject_count];
	*subject = (struct evidence_subject) { .words = mem_alloc((words.count + 1) * sizeof(uint32_t)),
					       .count = words.count };
	memcpy(subject->words, words.words, words.count * sizeof(uint32_t));
	subject->initial_count =
	    evidence_words_initials(name, length, subject->initials, EVIDENCE_INITIALS_MAX);
	return evidence->subject_count++;
}

/* Of how many subjects a word is, of those that count. */
static size_t spread(const struct evidence *evidence, uint32_t word, size_t *all)
{
	size_t count = 0;

	*all = 0;
	for (size_t i = 0; i < evidence->subject_count; i++) {
		const struct evidence_subject *subject = &evidence->subjects[i];

		if (!subject->has_line && !subject->has_figures)
			continue;
		(*all)++;
		for (size_t j = 0; j < subject->count; j++)
			count += subject->words[j] == word ? 1 : 0;
	}
	return count;
}

struct weights {
	unsigned units; /* only subjects with values of one of these; 0: all that count */
	double of[EVIDENCE_WORDS_MAX];
	bool taken[EVIDENCE_WORDS_MAX];
};

static double score(const struct evidence_subject *subject, const struct evidence_words *words,
		    const struct weights *weights)
{
	double sum = 0;

	for (size_t i = 0; i < subject->count; i++)
		for (size_t j = 0; j < words->count; j++)
			if (subject->words[i] == words->words[j] && !weights->taken[j])
				sum += weights->of[j];
	return sum;
}

/* How much of a subject's name a sentence leaves out. */
static size_t missing(const struct evidence_subject *subject, const struct evidence_words *words)
{
	size_t count = 0;

	for (size_t i = 0; i < subject->count; i++)
		count += evidence_words_have(words, subject->words[i]) ? 0 : 1;
	return count;
}

static bool is_in(const struct evidence_named *named, size_t subject)
{
	for (size_t i = 0; i < named->count; i++)
		if (named->subjects[i] == subject)
			return true;
	return false;
}

/* Best by the words that no subject has claimed yet, then by all, then by what is left out of its name. */
static bool pick(const struct evidence *evidence, const struct evidence_words *words,
		 const struct evidence_words *whole_words, struct weights *weights,
		 struct evidence_named *named)
{
	double best = 0, best_whole = 0;
	size_t first = named->count, best_missing = 0;
	bool fresh[EVIDENCE_WORDS_MAX] = { false };

	for (size_t i = 0; i < evidence->subject_count; i++) {
		const struct evidence_subject *subject = &evidence->subjects[i];
		double part, whole;
		size_t left_out;

		if ((!subject->has_line && !subject->has_figures) ||
		    (weights->units != 0 && (subject->units & weights->units) == 0))
			continue;
		part = score(subject, words, weights);
		/* One whose whole name is said in the clause itself is meant before a longer one that the
		 * sentence has. */
		whole = part <= 0 ? 0
			: missing(subject, words) == 0
			    ? WHOLE
			    : (double)(subject->count - missing(subject, whole_words));
		left_out = part > 0 ? missing(subject, whole_words) : 0;
		if (part <= 0 || part < best * 0.999 || (part < best * 1.001 && whole < best_whole * 0.999))
			continue;
		if (part < best * 1.001 && whole < best_whole * 1.001 && left_out > best_missing &&
		    best_missing == 0)
			continue;
		if (part > best * 1.001 || whole > best_whole * 1.001 || (left_out == 0 && best_missing > 0))
			named->count = first;
		best = part;
		best_whole = whole;
		best_missing = left_out;
		if (named->count < EVIDENCE_NAMED_MAX)
			named->subjects[named->count++] = (uint16_t)i;
	}
	for (size_t i = first; i < named->count; i++)
		for (size_t j = 0; j < words->count; j++)
			for (size_t k = 0; k < evidence->subjects[named->subjects[i]].count; k++)
				fresh[j] = fresh[j] ||
					   evidence->subjects[named->subjects[i]].words[k] == words->words[j];
	for (size_t j = 0; j < words->count; j++)
		weights->taken[j] = weights->taken[j] || fresh[j];
	return named->count > first;
}

static bool has_all_words(const struct evidence_subject *longer, const struct evidence_subject *name)
{
	for (size_t i = 0; i < name->count; i++) {
		size_t j = 0;

		while (j < longer->count && longer->words[j] != name->words[i])
			j++;
		if (j == longer->count)
			return false;
	}
	return longer->count > name->count;
}

/* A name without values of its own (ReadLatency, checkout-svc) stands for what is called by it and more: the values
 * are those of "orders-db read latency"; an alarm (webhook-backlog-growing) also for the series it is called by. */
static void add_longer(const struct evidence *evidence, struct evidence_named *named)
{
	size_t count = named->count;

	for (size_t n = 0; n < count; n++) {
		const struct evidence_subject *name = &evidence->subjects[named->subjects[n]];

		if (name->has_line)
			continue;
		for (size_t i = 0; i < evidence->subject_count && named->count < EVIDENCE_NAMED_MAX; i++)
			if ((evidence->subjects[i].has_line || evidence->subjects[i].has_figures) &&
			    (has_all_words(&evidence->subjects[i], name) ||
			     (evidence->subjects[i].has_line && evidence->subjects[i].count > 1 &&
			      has_all_words(name, &evidence->subjects[i]))) &&
			    !is_in(named, i))
				named->subjects[named->count++] = (uint16_t)i;
	}
}

static void find(const struct evidence *evidence, const struct evidence_words *words,
		 const struct evidence_words *whole, unsigned units, struct evidence_named *named)
{
	struct weights weights = { .units = units };
	bool is_none;

	named->count = 0;
	for (size_t j = 0; j < words->count; j++) {
		size_t all, count = spread(evidence, words->words[j], &all);

		if (count > 0 && !(all > 2 && (double)count > COMMON * (double)all))
			weights.of[j] = log(1 + (double)all / (double)count);
	}
	while (named->count < EVIDENCE_NAMED_MAX && pick(evidence, words, whole, &weights, named))
		continue;
	is_none = named->count == 0;
	/* "Payments per minute": a name of nothing but words that most have. */
	for (size_t i = 0; i < evidence->subject_count && is_none && named->count < EVIDENCE_NAMED_MAX; i++) {
		const struct evidence_subject *subject = &evidence->subjects[i];

		if (subject->has_line && subject->count > 0 && missing(subject, words) == 0 &&
		    (units == 0 || (subject->units & units) != 0))
			named->subjects[named->count++] = (uint16_t)i;
	}
}

/* "TTFB" names what is called "time to first byte". */
static void spell_out(const struct evidence *evidence, struct evidence_words *words)
{
	size_t count = words->count;

	for (size_t i = 0; i < evidence->subject_count; i++) {
		const struct evidence_subject *subject = &evidence->subjects[i];
		bool meant = false;

		for (size_t j = 0; j < subject->initial_count && subject->has_line; j++)
			for (size_t k = 0; k < count; k++)
				meant = meant || words->words[k] == subject->initials[j];
		for (size_t j = 0; j < subject->count && meant && words->count < EVIDENCE_WORDS_MAX; j++)
			if (!evidence_words_have(words, subject->words[j]))
				words->words[words->count++] = subject->words[j];
	}
}

/* "Errors" are the responses of 4xx and 5xx where nothing else is called so. False: it is nothing of these. */
static bool spell_errors(const struct evidence *evidence, struct evidence_words *words)
{
	static const char error[] = "error", responses[] = "4xx 5xx";
	struct evidence_words known, more;

	evidence_words_read(&known, error, sizeof(error) - 1);
	if (!evidence_words_have(words, known.words[0]) || words->count > ERRORS_AMONG) /* or it tells of more */
		return false;
	for (size_t i = 0; i < evidence->subject_count; i++)
		for (size_t j = 0; j < evidence->subjects[i].count && evidence->subjects[i].has_line; j++)
			if (evidence->subjects[i].words[j] == known.words[0])
				return false;
	evidence_words_read(&more, responses, sizeof(responses) - 1);
	for (size_t i = 0; i < more.count && words->count < EVIDENCE_WORDS_MAX; i++)
		words->words[words->count++] = more.words[i];
	return true;
}

void evidence_subject_find(const struct evidence *evidence, const struct evidence_words *said,
			   const struct evidence_words *whole, struct evidence_named *named)
{
	struct evidence_words spelled = *said, *words = &spelled;

	spell_out(evidence, words);
	find(evidence, words, whole, 0, named);
	if (named->count == 0 && said == whole && spell_errors(evidence, words))
		find(evidence, words, whole, 0, named);
	add_longer(evidence, named);
}

void evidence_subject_find_of(const struct evidence *evidence, const struct evidence_words *words,
			      enum fact_unit unit, struct evidence_named *named)
{
	find(evidence, words, words, 1u << unit, named);
}

bool evidence_are_related(const struct evidence *evidence, size_t a, size_t b)
{
	for (size_t i = 0; i < evidence->subjects[a].count; i++)
		for (size_t j = 0; j < evidence->subjects[b].count; j++) {
			size_t all, count;

			if (evidence->subjects[a].words[i] != evidence->subjects[b].words[j])
				continue;
			count = spread(evidence, evidence->subjects[a].words[i], &all);
			if (!(all > 2 && (double)count > COMMON * (double)all))
				return true;
		}
	return false;
}

bool evidence_shares(const struct evidence_named *a, const struct evidence_named *b)
{
	if (a->count == 0 || b->count == 0)
		return true;
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (a->subjects[i] == b->subjects[j])
				return true;
	return false;
}

static void words_of(const struct evidence *evidence, const struct evidence_source *source,
		     struct evidence_words *words)
{
	words->count = source->words;
	for (size_t i = 0; i < source->words; i++)
		words->words[i] = evidence->source_words[source->first_word + i];
}

/* Names become subjects of figures where a sentence with figures names them. */
static void mark_subjects(const struct evidence *evidence, const struct evidence_words *words)
{
	for (size_t i = 0; i < evidence->subject_count; i++) {
		struct evidence_subject *subject = &evidence->subjects[i];
		size_t have = 0;

		for (size_t j = 0; j < subject->count; j++)
			have += evidence_words_have(words, subject->words[j]) ? 1 : 0;
		if (have == subject->count && have > 0)
			subject->has_figures = true;
	}
}

/* Which lines are coarser, or wider, than another one of their subject. */
static void compare_lines(const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->line_count; i++)
		for (size_t j = 0; j < evidence->line_count; j++) {
			struct evidence_line *a = &evidence->lines[i], *b = &evidence->lines[j];

			if (a->subject != b->subject || b->count <= 2)
				continue;
			a->coarse = a->coarse || a->step_s > b->step_s;
			a->is_wider = a->is_wider || (a->step_s == b->step_s && a->count > b->count);
			a->is_range = a->is_range || (a->step_s == b->step_s && a->count < b->count);
		}
}

void evidence_resolve(const struct evidence *evidence)
{
	struct evidence_words words;

	for (size_t i = evidence->source_count; i > 0 && !evidence->sources[i - 1].resolved; i--) {
		words_of(evidence, &evidence->sources[i - 1], &words);
		if (evidence->sources[i - 1].figures > 0)
			mark_subjects(evidence, &words);
	}
	compare_lines(evidence);
	for (size_t i = 0; i < evidence->source_count; i++) {
		struct evidence_source *source = &evidence->sources[i];

		if (source->resolved)
			continue;
		words_of(evidence, source, &words);
		evidence_subject_find(evidence, &words, &words, &source->named);
		if (source->named.count == 0 && source->goes_on && i > 0 &&
		    evidence->sources[i - 1].group == source->group)
			source->named = evidence->sources[i - 1].named;
		source->resolved = true;
	}
}

static size_t name_slot(const struct evidence_name_set *set, const char *name, size_t length)
{
	uint32_t hash = 2166136261u;
	size_t slot;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)lower(name[i])) * 16777619u;
	for (slot = hash % set->capacity; set->names[slot] != NULL; slot = (slot + 1) % set->capacity) {
		const char *known = set->names[slot];
		size_t i = 0;

		while (i < length && known[i] != '\0' && known[i] == lower(name[i]))
			i++;
		if (i == length && known[i] == '\0')
			break;
	}
	return slot;
}

bool evidence_names_have(const struct evidence *evidence, const char *name, size_t length)
{
	const struct evidence_name_set *set = &evidence->names;

	return set->capacity > 0 && set->names[name_slot(set, name, length)] != NULL;
}

static void grow_names(struct evidence_name_set *set)
{
	struct evidence_name_set more = { .capacity = set->capacity * 2 + 64, .count = set->count };

	more.names = mem_alloc(more.capacity * sizeof(*more.names));
	for (size_t i = 0; i < set->capacity; i++)
		if (set->names[i] != NULL)
			more.names[name_slot(&more, set->names[i], strlen(set->names[i]))] = set->names[i];
	free(set->names);
	*set = more;
}

void evidence_names_add(struct evidence *evidence, const char *name, size_t length)
{
	struct evidence_name_set *set = &evidence->names;
	size_t slot;
	char *copy;

	if (length == 0 || set->count == NAMES_MAX)
		return;
	if (set->count * 2 >= set->capacity)
		grow_names(set);
	slot = name_slot(set, name, length);
	if (set->names[slot] != NULL)
		return;
	copy = mem_copy_bytes(name, length);
	for (size_t i = 0; i < length; i++)
		copy[i] = lower(copy[i]);
	set->names[slot] = copy;
	set->count++;
}

bool evidence_names_like(const struct evidence *evidence, const char *name, size_t length)
{
	const char *hyphen = memchr(name, '-', length);
	size_t first = hyphen == NULL ? 0 : (size_t)(hyphen - name), looked = 0;
	char *copy = mem_copy_bytes(name, length);
	bool like = false;

	for (size_t i = 0; i < length; i++)
		copy[i] = lower(copy[i]);
	for (size_t i = 0; i < evidence->names.capacity && first > 2 && !like && looked < LOOKED_MAX; i++) {
		const char *known = evidence->names.names[i];

		if (known == NULL || strchr(known, '-') == NULL || strchr(known, ' ') != NULL)
			continue;
		looked++;
		like = strncmp(known, copy, first + 1) == 0 || (length > 6 && str_distance(known, copy) <= 2);
	}
	free(copy);
	return like;
}
