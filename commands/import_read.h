/* import_read.h - one dashboard of CloudWatch as configuration: asked for, and written. */
#ifndef COMMANDS_IMPORT_READ_H
#define COMMANDS_IMPORT_READ_H

#include "bot/err.h"

struct bot;

/*
 * region: where CloudWatch is asked, and of widgets that name none; NULL: our own, which need not be written.
 * *yaml: the caller's; see import.h.
 * ERR_NOT_FOUND: there is no such dashboard; the text says which there are. name and region are
 * borrowed until this has returned.
 */
void import_read(struct bot *bot, const char *name, const char *region, char **yaml, struct done done);

#endif
