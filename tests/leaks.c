/*
 * leaks.c - linked into the asan build: what LeakSanitizer takes for a leak and is none. fontconfig, below cairo, keeps
 * its patterns by offsets from themselves, which do not look like pointers. tests/valgrind.supp says the same.
 */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig.so\n";
}
