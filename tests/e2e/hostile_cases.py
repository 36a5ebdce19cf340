"""Bad input: what an enemy may send, what stops it, and which test shows it.

THREATS is the table of docs/SECURITY.md (`python3 -m tests.e2e.hostile_cases` writes it there); test_hostile.py checks that
the tests it names exist, and runs the rest of this file: RAW, BODIES and PEERS.
"""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/SECURITY.md"
BEGIN, END = "<!-- made by tests/e2e/hostile_cases.py: begin -->\n", "<!-- made by tests/e2e/hostile_cases.py: end -->\n"

# --- bytes on the listening port: what is sent, the statuses of the answers, whether it is closed ---------------------------
HEAD = b"POST /sns HTTP/1.1\r\nHost: h\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n"  # must never be answered

RAW = {
    "length and chunks": (HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "chunks and length": (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "two lengths": (HEAD + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + SMUGGLED, [400], True),
    "the same length twice": (HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, [400], True),
    "a list of lengths": (HEAD + b"Content-Length: 2, 2\r\n\r\n{}" + SMUGGLED, [400], True),
    "a signed length": (HEAD + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED, [400], True),
    "a length beyond 64 bits": (HEAD + b"Content-Length: 18446744073709551618\r\n\r\n{}" + SMUGGLED, [400], True),
    "a blank before the colon": (HEAD + b"Content-Length : 2\r\n\r\n{}" + SMUGGLED, [400], True),
    "a folded coding": (HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "an unknown coding": (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "a compressed body": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "a chunk longer than it says": (CHUNKED + b"2\r\n{}XX0\r\n\r\n" + SMUGGLED, [400], True),
    "a chunk's size in other digits": (CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "a negative chunk": (CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    "a chunk beyond 64 bits": (CHUNKED + b"10000000000000002\r\n{}\r\n0\r\n\r\n" + SMUGGLED, [413], True),
    "bare line feeds": (b"POST /sns HTTP/1.1\nHost: h\nContent-Length: 2\n\n{}" + SMUGGLED, [400], True),
    "a NUL in a header": (HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, [400], True),
    "two hosts": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + SMUGGLED, [400], True),
    "headers without end": (HEAD + b"X: " + b"x" * 20000, [431], True),
    "a head of many lines": (HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(2000)), [431], True),
    "a body above the ceiling": (HEAD + b"Content-Length: 2097153\r\n\r\n", [413], True),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", [400], True),
    "HTTP/2 without asking": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [501], True),
    "a proxy's request": (b"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n", [405], True),
    "a path that leads out": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n", [404], False),
    "a long queue of requests": (GET * 200, [200] * 200, False),
    "good ones around a bad one": (GET + HEAD + b"Content-Length: 2\r\n\r\n{}" + GET, [200, 400, 200], False),
}

# --- bodies that SNS's port refuses as malformed, each with 400 ----------------------------------------------------------
BODIES = {
    "nested 100,000 deep": b"[" * 100000,
    "objects nested 100,000 deep": b'{"a":' * 100000,
    "a name twice": b'{"Type":"Notification","Type":"Notification"}',
    "a name twice, once escaped": b'{"Type":"Notification","\\u0054ype":"Notification"}',
    "100,000 names": b"{" + b",".join(b'"k%d":1' % n for n in range(100000)) + b"}",
    "a number of 1 MB": b'{"Type":' + b"9" * 1000000 + b"}",
    "an exponent of 10 digits": b'{"Type":1e9999999999}',
    "NaN": b'{"Type":NaN}',
    "invalid UTF-8": b'{"Type":"\xc0\xaf\xed\xa0\x80\xf5"}',
    "half a surrogate": b'{"Type":"\\ud800"}',
    "NULs": b'{"Type":"Notification"}' + b"\0" * 100000,
    "an escaped NUL": b'{"Type":"Notifica\\u0000tion"}',
    "a body of 2 MiB": b'{"Type":"' + b"x" * ((2 << 20) - 11) + b'"}',
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "gzip": b"\x1f\x8b\x08\x00" + b"\0" * 1000,
}

# --- what a TLS peer may show instead of a certificate that is right ------------------------------------------------------
PEERS = ("expired", "not yet valid", "another host's", "self-signed", "of an unknown authority", "with a weak key", "signed with SHA-1")

# --- the table ------------------------------------------------------------------------------------------------------------
HOSTILE = "tests/e2e/test_hostile.py"
H1, PORT, SERVER = ("tests/unit/test_%s.c" % n for n in ("h1", "http_server_port", "http_server"))
CLIENT, NET = "tests/unit/test_http_client.c", "tests/unit/test_http_client_net.c"
INTAKE, ALARM, SOCKET = ("tests/e2e/test_%s.py" % n for n in ("intake", "alarm", "slack_socket"))

THREATS = [
    ("Bodies of 2 MiB and more, from many at once", "2 MiB a body, else 413; 32 MiB of half bodies together, then those that have been "
     "sending for longest are closed", "tocsin_http_refused_total{reason=\"body_size\", \"memory\"}",
     [(HOSTILE, "test_half_bodies_of_many_peers"), (PORT, "bodies_under_way_have_a_ceiling"),
      (SERVER, "a_413_is_readable_while_the_body_is_sent")]),
    ("Slow bytes, half-open and idle peers, up to 10,000", "10 s for a request, 30 s between two; of 512 connections the one that has waited "
     "longest makes room for the next", "…{reason=\"slow\", \"crowded_out\", \"connections\"}",
     [(HOSTILE, "test_idle_peers_keep_nobody_out"), (HOSTILE, "test_slow_peers_keep_nobody_out"), (PORT, "idle_connections_make_room"),
      (PORT, "connections_at_work_have_a_cap"), (SERVER, "slow_requests_get_408"), (SERVER, "peers_that_do_not_read_are_dropped"),
      (PORT, "accept_survives_a_shortage_of_descriptors")]),
    ("Pipelining", "one request at a time, answers in order; nothing is read ahead of a reply",
     "", [(HOSTILE, "test_raw_bytes"), (SERVER, "pipelined_requests_are_answered_in_order"),
          (SERVER, "pipelined_byte_by_byte_with_late_replies")]),
    ("Smuggling: length and chunks, several lengths, odd chunks, folded lines, bare line feeds", "an engine stricter than http_parser: whatever "
     "can be read in two ways is 400, and the connection closes", "…{reason=\"framing\"}",
     [(HOSTILE, "test_raw_bytes"), (H1, "samples_are_judged_alike_however_split"), (SERVER, "requests_by_hand")]),
    ("Invalid UTF-8, NULs, depth, names twice, huge numbers in JSON", "a reader of our own that refuses what could be read in two ways; depth, "
     "members and sizes are bounded", "tocsin_sns_refused_total{reason=\"malformed\"}",
     [(HOSTILE, "test_bodies_that_are_no_messages"), (INTAKE, "test_bodies_that_are_no_messages"), ("tests/unit/test_sns_message.c", "refuses_two_readings"),
      ("tests/unit/test_json.c", "a_second_name_is_seen"), ("tests/unit/test_json.c", "numbers_keep_their_digits")]),
    ("Forged, altered or foreign SNS messages", "topic list, certificate URL by a strict rule, signature over the raw strings, age",
     "tocsin_sns_refused_total{reason}", [(INTAKE, "test_forged_and_malformed_bodies"), (INTAKE, "test_altered_by_one_byte"),
      (INTAKE, "test_foreign_topic_is_refused_before_any_certificate_is_fetched"), ("tests/unit/test_sns_message.c", "refuses_what_was_altered")]),
    ("SNS signing certificates: expired, not yet valid, wrong name, weak or other key, several, none, huge", "one RSA leaf with the region's own "
     "name and valid dates, at most 64 KiB, over verified TLS; a failure rests before it is tried again",
     "tocsin_sns_refused_total{reason=\"certificate\"}, tocsin_sns_postponed_total",
     [(INTAKE, "test_certificates_that_may_not_speak_for_sns"), (INTAKE, "test_certificates_that_may_be_our_own_trouble"),
      ("tests/unit/test_sns_certificate.c", "refuses_wrong_names_and_dates"), ("tests/unit/test_sns_certificate.c", "refuses_weak_and_other_keys"),
      ("tests/unit/test_sns_certificate.c", "survives_a_flood_of_urls")]),
    ("TLS peers whose certificate is " + ", ".join(PEERS), "chain, name and dates are checked on every connection, WebSockets too; nothing is sent "
     "before", "tocsin_http_client_errors_total{kind=\"refused\"}, tocsin_slack_reconnects_total",
     [(HOSTILE, "test_peers_that_cannot_prove_their_name"), (NET, "certificates_are_checked"), ("tests/unit/test_aws_tls.c", "strangers_are_refused"),
      ("tests/e2e/test_operation.py", "test_a_slack_that_cannot_prove_its_name_is_not_believed")]),
    ("Redirects, to private addresses or elsewhere", "none is followed; no URL of a message is visited but the signing certificate's", "",
     [(CLIENT, "redirects_are_not_followed"), (INTAKE, "test_unsubscribing_warns_and_nothing_is_visited")]),
    ("Answers that are compressed, cut, drip-fed or endless", "compression is not asked for, and bytes that come compressed are no JSON; every answer "
     "has a ceiling and a deadline", "", [(HOSTILE, "test_compressed_answers_are_not_unpacked"), (CLIENT, "answers_have_a_ceiling"), (CLIENT, "broken_answers_are_unknown_outcomes"), (CLIENT, "deadlines_end_calls")]),
    ("XML bombs in answers of EC2 and STS", "declarations of document types are refused; depth and size are bounded", "",
     [("tests/unit/test_aws_xml.c", "hostile_documents_are_refused"), ("tests/unit/test_aws_xml.c", "depth_up_to_the_bound_is_fine")]),
    ("Envelopes of Slack twice, late, in any order; strange frames", "each has a key that is durable before the ack; what is known is acked and not done "
     "again", "tocsin_heard_duplicates_total",
     [(SOCKET, "test_the_same_envelope_twice"), (SOCKET, "test_a_replay_after_a_restart"), (SOCKET, "test_acks_that_are_lost_bring_retries"),
      (SOCKET, "test_strange_frames_are_survived"), (SOCKET, "test_broken_frames_cost_at_most_the_connection"),
      (SOCKET, "test_a_message_above_our_ceiling")]),
    ("SNS messages twice or in another order", "MessageId is remembered 15 days; incidents follow the time of the change, not of arrival",
     "tocsin_events_total", [(INTAKE, "test_duplicates_are_known_across_restarts"), (INTAKE, "test_copies_at_the_same_time"),
      ("tests/unit/test_incident.c", "order_is_by_state_change_time")]),
    ("Names and texts: <!channel>, backticks, ANSI, $(…), ../, bidi, 100 KB", "all foreign text goes through bot/message.h and is escaped, cleaned and "
     "cut in one place; one line in the log; instances get it as a quoted argument only", "",
     [(HOSTILE, "test_hostile_names"), (ALARM, "test_hostile_names_and_texts_are_only_text"), ("tests/unit/test_slack_blocks.c", "a_hundred_kilobytes_of_anything"),
      ("tests/unit/test_slack_blocks.c", "mentions_stay_words"), ("tests/unit/test_slack_blocks.c", "hidden_characters_go"),
      ("tests/unit/test_runbook_script.c", "nothing_is_executed_within_the_scripts_own_quotes"),
      ("tests/e2e/test_operation.py", "test_text_log_lines_are_single_lines")]),
    ("Instructions to the model in any of that", "fenced as data, redacted, names must be known, tools only read; docs/ANSWERS.md",
     "tocsin_tools_total{outcome=\"refused\"}", [("tests/e2e/test_injection.py", "test_hostile_text"), ("tests/unit/test_fence.c", "no_text_ends_its_own_fence")]),
    ("Secrets in what hosts print", "taken out before it is saved or sent", "",
     [("tests/unit/test_redact.c", "planted_secrets_appear_nowhere"), ("tests/unit/test_redact.c", "hostile_text_is_linear_work")]),
    ("A configuration that is wrong in any way", "refused at start with file, line, what and what to do; on reload the old one stays", "config.refused in the log",
     [("tests/unit/test_config_errors.c", "refuses_keys_and_shapes"), ("tests/unit/test_config_errors.c", "refuses_not_yaml"),
      ("tests/unit/test_config.c", "depth_is_bounded"), ("tests/unit/test_config_sections.c", "refuses_sections_of_systems"),
      ("tests/e2e/test_operation.py", "test_configuration_errors_name_file_line_and_key"),
      ("tests/e2e/test_operation.py", "test_reload_of_a_bad_configuration_keeps_the_old_one")]),
]


def table():
    """The lines of the document."""
    rows = ["| threat | what stops it | counted by | tests |", "|---|---|---|---|"]
    for threat, stop, counter, tests in THREATS:
        files = {}
        for path, name in tests:
            files.setdefault(path.split("/", 1)[1], []).append("`%s`" % name)
        rows.append("| %s | %s | %s | %s |" % (threat, stop, counter, "; ".join("%s: %s" % (p, ", ".join(n)) for p, n in files.items())))
    return "\n".join(rows) + "\n"


def document():
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + "\n" + table() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
