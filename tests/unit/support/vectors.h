/* vectors.h - public test vectors beside the repository, where a checkout has them. */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <stdbool.h>
#include <stddef.h>

/* The file below ../shared/vectors, NUL-terminated, free() it; NULL where there are none, which is
 * said once a test program. */
char *vector_read(const char *path, size_t *length);

bool vector_exists(const char *path); /* says nothing */

/* Calls back for each *.json file of a folder, in order of name; returns how many there were. */
size_t vector_each(const char *folder,
                   void (*each)(const char *name, const char *text, size_t length));

/* Calls back for each entry of a folder, file or folder, in order of name; returns how many. */
size_t vector_each_name(const char *folder, void (*each)(const char *name));

#endif
