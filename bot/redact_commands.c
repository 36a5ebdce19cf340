/*
 * redact_commands.c - options of well-known programs that take a password in a form of their own.
 *
 * A line is read word by word: from a program's name on, until another program or the end of the
 * command, its options count. What `ps` shows has lost its quotation marks; a blank ends a word.
 */
#include "bot/redact_private.h"

#include <string.h>

struct program {
	const char *names;    /* between blanks */
	const char *attached; /* letters: -pSECRET */
	const char *separate; /* letters: -p SECRET */
	char part;            /* only what is behind this character; 0: all */
	const char *needs;    /* a word that must stand between program and option; NULL: none */
};

static const struct program programs[] = {
	{ " mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlbinlog mysqlslap mysqlshow mysqlsh mysqld "
	  "mariadb mariadb-dump mariadb-admin mariadb-import mariadb-check 7z 7za 7zr ", "p", "", 0, NULL },
	{ " sshpass ", "p", "p", 0, NULL },
	{ " redis-cli redis-benchmark valkey-cli ", "a", "a", 0, NULL },
	{ " curl ", "uU", "uU", ':', NULL },
	{ " http https xh ", "a", "a", ':', NULL },
	{ " mongo mongosh mongod mongos mongodump mongorestore mongoexport mongoimport mongostat mongotop ",
	  "p", "p", 0, NULL },
	{ " ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldapcompare ldapmodrdn ", "w", "w", 0, NULL },
	{ " ldappasswd ", "was", "was", 0, NULL },
	{ " sqlcmd bcp osql tsql mosquitto_pub mosquitto_sub ipmitool zip unzip ", "P", "P", 0, NULL },
	{ " smbclient rpcclient smbcacls ", "U", "U", '%', NULL },
	{ " snmpget snmpgetnext snmpwalk snmpset snmpbulkwalk snmpbulkget snmptrap ", "", "AXc", 0, NULL },
	{ " lftp ", "u", "u", ',', NULL },
	{ " docker podman nerdctl helm skopeo buildah oc az ", "p", "p", 0, "login" },
	{ " ssh scp sftp rsync ", "", "", 0, NULL }, /* behind sshpass: their -p is a port */
	{ " sqlplus sqlldr expdp impdp exp imp rman ", "", "", '/', NULL },
};

/* Where a command line goes on with another command. */
static bool is_end(const char *word, size_t length)
{
	return length <= 2 && strspn(word, "|;&") == length;
}

static const struct program *program_of(const char *word, size_t length)
{
	size_t start = length;
	char name[32] = " ";

	while (start > 0 && strchr("/\\\"'(`", word[start - 1]) == NULL)
		start--;
	length -= start;
	if (length > 4 && redact_goes_on(word + start + length - 4, ".exe"))
		length -= 4;
	if (length == 0 || length > sizeof(name) - 3 || !redact_is_alnum(word[start]))
		return NULL;
	if (strspn(word + start, "0123456789.:") >= length) /* most words of a list of processes */
		return NULL;
	memcpy(name + 1, word + start, length);
	name[length + 1] = ' ';
	name[length + 2] = '\0';
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strstr(programs[i].names, name) != NULL)
			return &programs[i];
	return NULL;
}

/* Marks a value, without its quotation marks: all, or what is behind the program's character. */
static void mark(struct redact_text *r, const struct program *program, size_t from, size_t to)
{
	while (from < to && strchr("\"'", r->text[from]) != NULL)
		from++;
	while (to > from && strchr("\"'", r->text[to - 1]) != NULL)
		to--;
	if (program->part != 0) {
		const char *part = memchr(r->text + from, program->part, to - from);
		from = part == NULL ? to : (size_t)(part - r->text) + 1;
	}
	redact_mark(r, from, to);
}

/* user/password@database, as a word of its own. */
static void mark_connect(struct redact_text *r, const struct program *program, size_t from, size_t to)
{
	const char *at = memchr(r->text + from, '@', to - from);
	const char *slash = memchr(r->text + from, '/', to - from);

	if (slash == NULL || slash == r->text + from || (at != NULL && slash > at))
		return;
	mark(r, program, from, at == NULL ? to : (size_t)(at - r->text));
}

struct state {
	const struct program *program;
	bool needed;   /* the word that the program needs has been seen */
	bool expected; /* this word is the value of the option before */
};

static bool has_letter(const char *letters, char letter)
{
	return letter != '\0' && strchr(letters, letter) != NULL;
}

/* "-p", "-pSECRET", "--user", "--proxy-user". */
static void look_at_option(struct redact_text *r, struct state *s, size_t from, size_t to)
{
	const char *word = r->text + from;
	size_t length = to - from;

	if (length == 2)
		s->expected = has_letter(s->program->separate, word[1]);
	else if (word[1] != '-' && has_letter(s->program->attached, word[1]))
		mark(r, s->program, from + 2, to);
	else if (s->program->part == ':')
		s->expected = (length == 6 && redact_goes_on(word, "--user")) ||
		              (length == 6 && redact_goes_on(word, "--auth")) ||
		              (length == 12 && redact_goes_on(word, "--proxy-user"));
	if (s->program->part == ':' && (redact_goes_on(word, "--user=") || redact_goes_on(word, "--auth=") ||
	                                redact_goes_on(word, "--proxy-user=")))
		mark(r, s->program, from, to);
}

static void look_at(struct redact_text *r, struct state *s, size_t from, size_t to)
{
	const struct program *program = s->expected ? NULL : program_of(r->text + from, to - from);

	if (s->expected) {
		mark(r, s->program, from, to);
		s->expected = false;
	} else if (program != NULL) {
		*s = (struct state){ .program = program, .needed = program->needs == NULL };
	} else if (s->program == NULL || is_end(r->text + from, to - from)) {
		s->program = NULL;
	} else if (!s->needed) {
		s->needed = to - from == strlen(s->program->needs) && redact_goes_on(r->text + from, s->program->needs);
	} else if (r->text[from] == '-' && to - from > 1) {
		look_at_option(r, s, from, to);
	} else if (s->program->part == '/') {
		mark_connect(r, s->program, from, to);
	}
}

void redact_commands(struct redact_text *r)
{
	struct state state = { .program = NULL };
	size_t at = 0;

	while (at < r->length) {
		size_t end = at + strcspn(r->text + at, " \t\r\n");
		if (end > at)
			look_at(r, &state, at, end);
		if (r->text[end] == '\n')
			state = (struct state){ .program = NULL };
		at = end + 1;
	}
}
