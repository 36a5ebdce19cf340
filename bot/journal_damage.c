#include "bot/journal_damage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"

#define HEADER_BYTES 32
#define FRAME_BYTES 24        /* of a frame, before its page */
#define SUMMED_FRAME_BYTES 8  /* of these, what the checksum counts */
#define MAGIC 0x377F0682u     /* its last bit: the checksum takes numbers as big-endian */
#define PAGE_LEAST 512u
#define PAGE_MOST 65536u

static struct {
	bool no_header;
	int64_t transactions; /* flushed, and behind the damage */
	int64_t documents;    /* that could not be read */
} found;

struct checksum {
	uint32_t one, two;
	bool big_endian;
};

struct wal {
	int fd;
	uint32_t page_bytes;
	unsigned char header[HEADER_BYTES];
	struct checksum checksum; /* up to the frame that was read last */
	unsigned char *frame;     /* FRAME_BYTES + page_bytes */
};

static uint32_t big_endian(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t little_endian(const unsigned char *bytes)
{
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static void sum(struct checksum *checksum, const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i + 8 <= count; i += 8) {
		checksum->one += (checksum->big_endian ? big_endian : little_endian)(bytes + i) + checksum->two;
		checksum->two += (checksum->big_endian ? big_endian : little_endian)(bytes + i + 4) + checksum->one;
	}
}

static bool is_sum(const struct checksum *checksum, const unsigned char *bytes)
{
	return checksum->one == big_endian(bytes) && checksum->two == big_endian(bytes + 4);
}

static bool is_page_size(uint32_t bytes)
{
	return bytes >= PAGE_LEAST && bytes <= PAGE_MOST && (bytes & (bytes - 1)) == 0;
}

static bool take_header(struct wal *wal)
{
	uint32_t magic = big_endian(wal->header);

	wal->page_bytes = big_endian(wal->header + 8);
	wal->checksum = (struct checksum){ .big_endian = (magic & 1) != 0 };
	sum(&wal->checksum, wal->header, HEADER_BYTES - 8);
	return (magic & ~1u) == MAGIC && is_page_size(wal->page_bytes) && is_sum(&wal->checksum, wal->header + 24);
}

/* Of the log as it is now: an earlier run through the file had other salts. */
static bool has_salts(const struct wal *wal)
{
	return memcmp(wal->frame + 8, wal->header + 16, 8) == 0;
}

static bool ends_transaction(const struct wal *wal)
{
	return big_endian(wal->frame + 4) != 0;
}

static bool is_whole(struct wal *wal)
{
	sum(&wal->checksum, wal->frame, SUMMED_FRAME_BYTES);
	sum(&wal->checksum, wal->frame + FRAME_BYTES, wal->page_bytes);
	return has_salts(wal) && is_sum(&wal->checksum, wal->frame + 16);
}

/* Transactions that end behind the first frame that is not whole. */
static int64_t count_lost(struct wal *wal)
{
	const size_t bytes = FRAME_BYTES + wal->page_bytes;
	bool whole = true;
	int64_t lost = 0;

	for (off_t at = HEADER_BYTES; pread(wal->fd, wal->frame, bytes, at) == (ssize_t)bytes; at += (off_t)bytes) {
		whole = whole && is_whole(wal);
		if (!whole && has_salts(wal) && ends_transaction(wal))
			lost++;
	}
	return lost;
}

static bool is_zero(const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void look_at(struct wal *wal)
{
	int64_t lost;

	/* Zeros: made longer, but never written. */
	if (pread(wal->fd, wal->header, HEADER_BYTES, 0) < HEADER_BYTES || is_zero(wal->header, HEADER_BYTES))
		return;
	if (!take_header(wal)) {
		found.no_header = true;
		return;
	}
	wal->frame = mem_resize(NULL, FRAME_BYTES + wal->page_bytes);
	lost = count_lost(wal);
	free(wal->frame);
	/* One alone is what was being written when the power failed: nobody was told that it is durable. */
	found.transactions = lost > 1 ? lost : 0;
}

static void describe_metrics(void)
{
	metrics_describe("tocsin_journal_unreadable_total", "counter",
	                 "Documents that could not be read at the start.");
	metrics_describe("tocsin_journal_lost_transactions", "gauge",
	                 "Transactions behind damage in the write-ahead log at the start; -1: all of it.");
}

bool journal_damage_look(const char *path)
{
	struct mem mem = { 0 };
	const char *name = mem_printf(&mem, "%s-wal", path);
	struct wal wal = { .fd = open(name, O_RDONLY | O_CLOEXEC) };

	describe_metrics();
	found.no_header = false;
	found.transactions = found.documents = 0;
	if (wal.fd >= 0) {
		look_at(&wal);
		(void)close(wal.fd);
	}
	if (found.no_header || found.transactions > 0)
		log_event(LOG_ERROR, "journal.log_damaged", "file", name, "lost_transactions",
		          found.no_header ? "all" : LOG_INT(found.transactions), NULL);
	metrics_gauge("tocsin_journal_lost_transactions", NULL, NULL, found.no_header ? -1 : found.transactions);
	mem_free_all(&mem);
	return found.no_header || found.transactions > 0;
}

void journal_damage_unreadable(const char *kind, const char *key)
{
	found.documents++;
	metrics_count("tocsin_journal_unreadable_total", "kind", kind);
	log_event(LOG_ERROR, "journal.unreadable", "kind", kind, "key", key, NULL);
}

const char *journal_damage_text(struct mem *mem)
{
	const char *log = "", *documents = "";

	if (found.no_header)
		log = "Its write-ahead log could not be read at all. ";
	else if (found.transactions > 0)
		log = mem_printf(mem, "%lld transactions at the end of its write-ahead log could not be read. ",
		                 (long long)found.transactions);
	if (found.documents > 0)
		documents = mem_printf(mem, "%lld of its documents could not be read and are left out. ",
		                       (long long)found.documents);
	if (log[0] == '\0' && documents[0] == '\0')
		return NULL;
	return mem_printf(mem, "%s%sSo incidents, or what was done about them, may be missing here: compare with what "
	                       "CloudWatch shows as in alarm, and have the disk checked. The log names what was found.",
	                  log, documents);
}
