/*
 * journal_damage.h - what is damaged in the journal and would otherwise be passed over in silence.
 *
 * SQLite notices a damaged page of its file and refuses it. Two things it cannot notice: of its write-ahead log
 * it takes what is whole and forgets the rest, as after a loss of power; and a text that was altered is a text.
 * One journal a process: what is found is counted here until it is told.
 */
#ifndef BOT_JOURNAL_DAMAGE_H
#define BOT_JOURNAL_DAMAGE_H

#include <stdbool.h>

#include "bot/err.h"

struct mem;

/*
 * Reads the write-ahead log beside `path` (blocking, at start, while nobody has it open) and logs what SQLite
 * will leave out although it was flushed: only the last transaction can be unfinished, so two that end behind a
 * damaged one were acknowledged. True: there was such a thing. Format: sqlite.org/fileformat2.html, "WAL File Format".
 */
bool journal_damage_look(const char *path);

/* For those who load documents: this one cannot be read, and is left out. kind: a literal. */
void journal_damage_unreadable(const char *kind, const char *key);

/* What was found, as sentences for a person; NULL: nothing. Owned by mem. */
const char *journal_damage_text(struct mem *mem);

#endif
