/* config_value.c - where the text of a scalar comes from, and how much of it may be seen. */
#include "bot/config_value.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "bot/config_problems.h"
#include "bot/config_yaml.h"
#include "bot/mem.h"
#include "bot/str.h"

#define VALUE_MAX (64 * 1024) /* bytes of one value, after ${NAME} and file: */
#define NAME_MAX_SHOWN 64

/* The length of a name of the environment at text, or 0. */
static size_t name_length(const char *text)
{
	size_t length = 0;

	if (isdigit((unsigned char)text[0]))
		return 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

struct expansion {
	struct config_node *node;
	const struct config_source *source;
	struct config_problems *problems;
	struct str out;
};

/* Adds the value of the "${NAME}" at text; returns what follows it. */
static const char *add_variable(struct expansion *e, const char *text)
{
	size_t length = name_length(text + 2);
	char name[256];

	if (length == 0 || length >= sizeof(name) || text[2 + length] != '}') {
		config_problem(e->problems, e->node->line, "${ is not followed by the name of an environment "
		               "variable and }; write ${NAME}, or $${ for ${ itself");
		e->node->bad = true;
		return text + 2;
	}
	memcpy(name, text + 2, length);
	name[length] = '\0';
	const char *value = e->source->sealed ? NULL : getenv(name);
	if (value == NULL) {
		config_problem(e->problems, e->node->line, "environment variable %.*s is not set; set it "
		               "(a plain ${ is written $${)", NAME_MAX_SHOWN, name);
		e->node->bad = true;
	} else if (!str_utf8_valid(value, strlen(value))) {
		config_problem(e->problems, e->node->line, "environment variable %.*s is not UTF-8; correct it",
		               NAME_MAX_SHOWN, name);
		e->node->bad = true;
	} else {
		str_add(&e->out, value);
	}
	e->node->foreign = true;
	return text + 2 + length + 1;
}

static void set_text(struct config_node *node, char *text)
{
	explicit_bzero(node->text, strlen(node->text));
	free(node->text);
	node->text = text;
}

bool config_value_expand(struct config_node *node, const struct config_source *source,
                         struct config_problems *problems)
{
	struct expansion e = { .node = node, .source = source, .problems = problems };
	const char *text = node->text;

	if (strstr(text, "${") == NULL)
		return true;
	str_init(&e.out, VALUE_MAX);
	while (*text != '\0') {
		if (str_starts(text, "$${")) {
			str_add(&e.out, "${");
			text += 3;
		} else if (str_starts(text, "${")) {
			text = add_variable(&e, text);
		} else {
			str_add_char(&e.out, *text++);
		}
	}
	if (e.out.cut) {
		config_problem(problems, node->line, "is longer than 64 KiB; shorten it");
		node->bad = true;
	}
	set_text(node, str_take(&e.out));
	return !node->bad;
}

void config_value_absolute(struct config_node *node, const struct config_source *source)
{
	struct mem mem = { 0 };

	if (node->text[0] == '/')
		return;
	const char *path = mem_printf(&mem, "%s/%s", source->directory, node->text);
	set_text(node, mem_copy_string(path));
	mem_free_all(&mem);
}

static bool read_all(int fd, size_t max, struct str *out, struct err *err)
{
	char chunk[16384];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, ERR_LOCAL, "cannot be read (%s)", strerror(errno));
		str_add_bytes(out, chunk, (size_t)got);
		explicit_bzero(chunk, (size_t)got);
		if (out->cut)
			return err_set(err, ERR_USAGE, "is larger than %zu KiB", max / 1024);
	}
	return true;
}

char *config_read_file(const char *path, size_t max, bool regular_only, size_t *length,
                       struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular_only ? O_NONBLOCK : 0));
	struct stat about;
	struct str text;
	bool read = false;

	if (fd < 0) {
		err_set(err, err_kind_of_errno(errno, ERR_LOCAL), "cannot be read (%s)", strerror(errno));
		return NULL;
	}
	str_init(&text, max);
	if (regular_only && (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)))
		err_set(err, ERR_LOCAL, "cannot be read (not a regular file)");
	else
		read = read_all(fd, max, &text, err);
	(void)close(fd);
	if (!read) {
		str_free(&text);
		return NULL;
	}
	*length = text.length;
	return str_take(&text);
}

/* What begins well-known secrets, and a URL's user:password@. */
static bool may_be_secret(const char *text)
{
	static const char *const marks[] = { "xapp-", "xox", "AKIA", "ASIA", "ATATT", "-----BEGIN" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(text, marks[i]) != NULL)
			return true;
	return strstr(text, "://") != NULL && strchr(text, '@') != NULL;
}

/* Files come with a line break at the end that is no part of the secret. */
static void strip_line_break(char *text, size_t length)
{
	if (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	if (length > 0 && text[length - 1] == '\r')
		text[--length] = '\0';
}

bool config_value_from_file(struct config_node *node, const struct config_source *source,
                            struct err *err)
{
	struct err why = { .text = "cannot be read here" };
	struct mem mem = { 0 };
	char *text = NULL;
	size_t length = 0;
	bool good = false;

	if (!str_starts(node->text, "file:"))
		return true;
	const char *name = node->text + strlen("file:");
	const char *path = name[0] == '/' ? name : mem_printf(&mem, "%s/%s", source->directory, name);
	if (!source->sealed)
		text = config_read_file(path, VALUE_MAX, true, &length, &why);
	const char *shown = may_be_secret(path) ? "named here" : path;
	if (text == NULL)
		err_set(err, ERR_USAGE, "file %.120s %.80s; correct the path or the file's rights", shown,
		        why.text);
	else if (strlen(text) != length)
		err_set(err, ERR_USAGE, "file %.120s holds a NUL character; it must be plain text", shown);
	else
		good = true;
	mem_free_all(&mem);
	if (!good) {
		free(text);
		return false;
	}
	strip_line_break(text, length);
	set_text(node, text);
	node->foreign = true;
	return true;
}

bool config_value_is_readable(const char *path, const struct config_source *source)
{
	struct stat about;

	if (source->sealed)
		return true;
	return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, R_OK) == 0;
}

const char *config_value_shown(const struct config_node *node, char out[CONFIG_SHOWN_SIZE])
{
	size_t length = strlen(node->text);
	size_t shown = str_utf8_prefix(node->text, length, 60);

	if (node->foreign || may_be_secret(node->text))
		return "the value";
	(void)snprintf(out, CONFIG_SHOWN_SIZE, "\"%.*s%s\"", (int)shown, node->text,
	               shown < length ? "..." : "");
	return out;
}
