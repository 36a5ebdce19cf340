/* Runs a fuzz target over the files it is given, once each: for make coverage, where no fuzzer is linked in. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bot/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	size_t room = 1u << 20, size;
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	bytes = mem_alloc(room);
	size = fread(bytes, 1, room, file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	return failed;
}
