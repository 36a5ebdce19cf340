/* run.h - `tocsin run`: the daemon from start to clean stop. */
#ifndef BOT_RUN_H
#define BOT_RUN_H

#include "bot/log.h"

/* Exit status: 0 stopped by SIGTERM or SIGINT, 1 it failed, 2 invalid configuration. */
int run(const char *config_path, enum log_format log_format);

struct config;

/* `tocsin check --live`: asks every remote system, read-only. Takes config over. Exit status 0 or 1. */
int run_live_check(struct config *config);

/* `tocsin import dashboard NAME`: see commands/import_print.h. Takes config over. Exit status 0 or 1. */
int run_import(struct config *config, const char *name, const char *region);

#endif
