/*
 * secret.h - a value that must never be printed.
 *
 * It is a struct so that it cannot slip into a %s. secret_reveal is called only where the value
 * goes onto the wire; a grep for it lists every such place. log.c also replaces secrets in every line it
 * writes, whatever path they took, for as long as a struct secret holds them.
 */
#ifndef BOT_SECRET_H
#define BOT_SECRET_H

#include <stddef.h>

struct secret {
	char *value; /* use secret_reveal */
};

void secret_set(struct secret *secret, const char *value); /* copies; registers with the log's filter */
const char *secret_reveal(const struct secret *secret);    /* NULL when unset; borrowed */
void secret_free(struct secret *secret);                   /* wipes the memory */
/* Calls back for every place of `text` where a registered secret stands; they may overlap. On any thread; each must not
 * touch a secret. */
void secret_each_in(const char *text, void (*each)(void *arg, size_t at, size_t length), void *arg);
/* Replaces in `line` (NUL-terminated, edited in place) every registered secret by stars. */
void secret_filter(char *line);

#endif
