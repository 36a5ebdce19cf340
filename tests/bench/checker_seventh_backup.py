"""The seventh corpus: true paragraphs of its world "backup", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    E1, W1 = w.jb
    FE, FW = w.fj
    RE, RW = w.wt
    D, R, V, S, P, C = w.dd, w.rt, w.vb, w.st, w.pr, w.cq
    a = lambda *x: w.A(*x)
    wh = ["agent-rollout", "c.delgado", "retention-admin"]
    p = lambda x: n(x, *[y for y in wh if y != x])
    ew = lambda: n("east-vault-writers", "west-archive-tier")
    wa = lambda: n("west-archive-tier", "east-vault-writers")
    jf = lambda: n("backup-jobs-failing", "backup-verification-late")
    vl = lambda: n("backup-verification-late", "backup-jobs-failing")
    e = lambda: n("east", "west", inv=False)
    we = lambda: n("west", "east", inv=False)
    b0 = lambda: t("Tue 1 Dec 22:00", "1 Dec 22:00")
    b1 = lambda: t("Wed 2 Dec 11:00", "2 Dec 11:00")
    a(
        f"Two things. The east vault had a bad night: from {b0()} to {b1()}, {d('13 hours',780)}, Failed backup jobs of {e()} was over its limit of {v('20',20)} (F3). And Vault storage used keeps rising by about {v('0.83 %',.83)} a day, to {v('63.4 %',S,'last')} now (F4). Everything else is as it was on Monday.",
        f"In order:\n- {t('Mon 30 Nov 15:00','30 Nov 15:00')}: {p('retention-admin')} put a lifecycle policy on {wa()}\n- {t('Tue 1 Dec 21:37','1 Dec 21:37')}: {p('agent-rollout')} updated {ew()}\n- {b0()}: Deduplication savings under {v('60 %',60)} (F5), Restore time p90 over {v('20 min',1200)} (F2)\n- {t('Wed 2 Dec 06:00','2 Dec 06:00')}: Verification backlog over {v('500',500)} (F1)\n- {t('Wed 2 Dec 10:49','2 Dec 10:49')}: {p('c.delgado')} updated {ew()}\n- {b1()}: Deduplication savings and Restore time p90 back within their limits (F5, F2)",
        f"West did not change. Failed backup jobs of west was {v('5',FW,'max',dirs=(1,0))} at most, and Vault write rate of west stayed between {v('141 MB/s',RW,'min',dirs=(0,1))} and {v('155 MB/s',RW,'max',dirs=(1,0))} with a mean of {v('148 MB/s',RW,'mean')}.",
        f"Deduplication savings dropped from a mean of {v('72.1 %',D,'@1 Dec 18:00')} at {t('Tue 1 Dec 18:00',at=(D,'@1 Dec 18:00'))} to {v('42.8 %',D,'@2 Dec 00:00')} at {t('Wed 2 Dec 00:00',at=(D,'@2 Dec 00:00'))}, {v('29.3',29.3)} percentage points less, and was under its limit of {v('60 %',60)} until {b1()} (F5).",
        f"Restores would have hurt that night: Restore time p90 was highest with {v('31.6 min',R,'max')} at {t('Tue 1 Dec 23:00',at=(R,'max'),tol=.06)} (F2), {ra('4.9 times',1899/387)} its usual median of {v('387 s',R,'usual')}. The limit of Restore time p90 is {v('20 min',1200)}.",
        f"Vault write rate of east fell to {v('58.7 MB/s',58.7e6)} at {t('Wed 2 Dec 10:00','2 Dec 10:00',hold=near(RE,58.7e6,.06))}, where {v('201',201)} to {v('222 MB/s',222e6)} are usual, and was back at {b1()} after {d('13 h 0 min',780)} (F6). The last value of Vault write rate of east is {v('204 MB/s',RE,'last')}.",
        f"Storage needs a decision, though not today. Vault storage used is at {v('63.4 %',S,'last')}, {v('16.6',16.6)} percentage points below its limit of {v('80 %',80)}, and rises by about {v('0.83 %',.83)} a day, which makes about {d('20 days',28800)} (F4).",
        f"Nothing new in pruning. Prune run time rises every day at 06:00, to {v('40 min',P,'max')} on Mon 30 Nov (F13), {v('39.1 min',39.1*60)} on Tue 1 Dec (F14), {v('39.4 min',39.4*60)} on Wed 2 Dec (F15) and {v('39.2 min',39.2*60)} on Thu 3 Dec (F16), as on {c('21',21)} of {c('21',21,big=False)} days before.",
        f"Verification backlog was the last to recover: highest with {v('953',V,'max')} at {b1()}, under its limit of {v('500',500)} at {t('Wed 2 Dec 15:00','2 Dec 15:00')} (F1). From {b1()}, when Failed backup jobs of east was under its limit (F3), to {t('Wed 2 Dec 15:00','2 Dec 15:00')} that is {d('4 hours',240)}.",
        f"The errors belong to one agent version. Agent 5.8.0 has {c('1,126',1126)} rows with `chunk_size_mismatch` and {c('694',694)} with `checksum_failed`, {c('1,820',1820)} of {c('1,877',1877)} in sum ({pc('97 %',96.96)}), all for {e()}. Agent 5.7.2 has {c('57',57)} with `connection_reset`, for {we()}.",
        f"Open since then and probably stale: {jf()}, in ALARM since {t('Tue 1 Dec 23:04','1 Dec 23:04')}, for {d('1 d 10 h',2040)}, and {vl()}, in ALARM since {t('Wed 2 Dec 06:32','2 Dec 06:32')}, for {d('1 d 2 h',1560)}. The last value of Failed backup jobs of east is {v('4',FE,'last')}, that of Verification backlog {v('59',V,'last')}.",
        f"The change that matters is the one at {t('Tue 1 Dec 21:37','1 Dec 21:37')}: {p('agent-rollout')} updated {ew()}, and {d('23 minutes',23)} later, at {b0()}, Failed backup jobs of east was over its limit (F3). The change that ended it is probably the one at {t('Wed 2 Dec 10:49','2 Dec 10:49')}: {p('c.delgado')} updated {ew()}, and {d('11 minutes',11,step=1)} later, at {b1()}, Failed backup jobs of east was under its limit (F3).",
        f"I would rule out the lifecycle policy. {p('retention-admin')} put it on {wa()} at {t('Mon 30 Nov 15:00','30 Nov 15:00')}, {d('31 hours',1860)} before {b0()}, and it concerns west, where nothing happened.",
        f"Backup jobs finished of east fell to {v('130',130)} at {t('Wed 2 Dec 04:00','2 Dec 04:00',hold=near(E1,130,.06))}; usual at that hour are {v('307',307)} to {v('337',337)} (F7). From {v('307',307)} to {v('130',130)} Backup jobs finished of east, that is {v('177',177)} fewer.",
        f"Night by night, the mean of Backup jobs finished of east in the 3 hours from midnight: {v('315.3',E1,'@1 Dec 00:00')} on Tue 1 Dec, {v('131.3',E1,'@2 Dec 00:00')} on Wed 2 Dec, {v('316.7',E1,'@3 Dec 00:00')} on Thu 3 Dec. From {v('315.3',E1,'@1 Dec 00:00')} to {v('131.3',E1,'@2 Dec 00:00')}, Backup jobs finished of east lost {pc('58 %',58.35)}.".replace(
            "from midnight", "from 00:00"
        ),
        f"No change in the catalogue: Catalog query time p95 was between {v('110 ms',C,'min',dirs=(0,1))} and {v('132 ms',C,'max',dirs=(1,0))}, far below its limit of {v('600 ms',.6)}, and its mean is {v('121 ms',C,'mean')}, the same as its usual median.",
        f"Failed backup jobs of east reached {v('108',FE,'max')} at {t('Wed 2 Dec 08:00',at=(FE,'max'),tol=.07)}, {ra('5.4 times',5.4)} its limit of {v('20',20)}, and was over it in {c('13',13)} of {c('13',13,big=False)} values (F3). Usual are 0 to {v('4',4)} Failed backup jobs of east (F3).",
        f"Failed backup jobs of east and Deduplication savings moved in opposite direction (rank correlation {v('-0.98',-.98)} over {c('49',49)} values, F8), Deduplication savings and Restore time p90 as well (rank correlation {v('-0.98',-.98)} over {c('49',49)} values, F9). A changed chunk size may be behind all three, since the logs have `chunk_size_mismatch`.",
        f"Since Monday Vault storage used has gone from a mean of {v('60.61 %',S,'@30 Nov 00:00')} at {t('Mon 30 Nov 00:00','30 Nov 00:00',hold=near(S,60.61,.008))} to {v('63.36 %',S,'@3 Dec 06:00')} at {t('Thu 3 Dec 06:00','3 Dec 06:00',hold=near(S,63.36,.008))}, {v('2.75',2.75)} percentage points more. Vault storage used rises as slowly as before, by about {v('0.83 %',.83)} a day (F4).",
        f"It has been rising for weeks, not since Monday. Vault storage used was about {v('43.5 %',43.5)} at {t('Mon 9 Nov 09:00','9 Nov 09:00',hold=near(S,43.5,.02))} and about {v('63.4 %',63.4)} today at {t('09:00','09:00',hold=near(S,63.4,.02))} (F4), so {v('19.9',19.9)} percentage points in {d('24 days',34560)}.",
        f"As of this morning all is back where it was: Restore time p90 {v('411 s',R,'last')}, Deduplication savings {v('72.1 %',D,'last')}, Verification backlog {v('59',V,'last')}, Failed backup jobs {v('4',FE,'last')} (east) and {v('2',FW,'last')} (west), each as its last value.",
        f"The alarms were slow, which is due to their period of an hour: {jf()} went into ALARM at {t('Tue 1 Dec 23:04','1 Dec 23:04')}, {d('1 h 4 min',64)} after {b0()}, when Failed backup jobs of east went over its limit (F3); {vl()} at {t('Wed 2 Dec 06:32','2 Dec 06:32')}, {d('32 minutes',32)} after {t('Wed 2 Dec 06:00','2 Dec 06:00')}, when Verification backlog went over its limit (F1).".replace(
            ", which is due to their period of an hour", ""
        ),
        f"East wrote at a quarter of its pace. The mean of Vault write rate of east was {v('214.5 MB/s',RE,'@1 Dec 18:00')} at {t('Tue 1 Dec 18:00',at=(RE,'@1 Dec 18:00'))} and {v('57.29 MB/s',RE,'@2 Dec 00:00')} at {t('Wed 2 Dec 00:00',at=(RE,'@2 Dec 00:00'))}, {pc('27 %',26.71)} of {v('214.5 MB/s',RE,'@1 Dec 18:00')}. The mean of Vault write rate of west was {v('150.5 MB/s',RW,'@2 Dec 00:00')} at {t('Wed 2 Dec 00:00','2 Dec 00:00',hold=near(RW,150.5e6,.07))}.",
        f"What has not been cleared up: whether the {c('694',694)} rows with `checksum_failed` left damaged backups behind. Verification backlog is down to {v('59',V,'last')}, which only says that the checks ran, not how they ended. That would be my next question to the team behind {ew()}.",
        f"Compared with Monday, the morning looks the same. Verification backlog: a mean of {v('58.67',V,'@30 Nov 06:00')} at {t('Mon 30 Nov 06:00',at=(V,'@30 Nov 06:00'))} and of {v('53.67',V,'@3 Dec 06:00')} at {t('Thu 3 Dec 06:00',at=(V,'@3 Dec 06:00'))}. Restore time p90: {v('393.7 s',R,'@30 Nov 06:00')} at {t('Mon 30 Nov 06:00',at=(R,'@30 Nov 06:00'))} and {v('394 s',R,'@3 Dec 06:00')} at {t('Thu 3 Dec 06:00',at=(R,'@3 Dec 06:00'))}.",
        f"Of the {c('1,877',1877)} matching rows {c('1,126',1126)}, {pc('60 %',59.99)}, come from stage chunking, the rest from upload. The query scanned {v('34.2 MB',34.2e6)}.",
        f"{n('Verification backlog','Failed backup jobs of east',inv=False)} was over its limit from {t('Wed 2 Dec 06:00','2 Dec 06:00')} to {t('Wed 2 Dec 15:00','2 Dec 15:00')}, {d('9 hours',540)}, and highest with {v('953',V,'max')} (F1); before, its mean had grown from {v('131.7',V,'@2 Dec 00:00')} at {t('Wed 2 Dec 00:00',at=(V,'@2 Dec 00:00'))} to {v('389',V,'@2 Dec 03:00')} at {t('Wed 2 Dec 03:00',at=(V,'@2 Dec 03:00'))}.",
    )
    w.cause(
        False,
        "The east vault failed because its storage array was overheating.",
        "The prune run caused the long restores.",
        "A power cut led to the failed backup jobs.",
        "Deduplication savings fell due to encrypted customer data.",
    )
    w.cause(
        True,
        "The update of east-vault-writers on Tue 1 Dec at 21:37 may have changed the chunk size; the agent's release notes would show it.",
        "Restore time p90 possibly rose because of the lost deduplication, which a restore's trace would show.",
        "Perhaps the backlog grew as failed jobs were verified again; I did not look at the verifier's log.",
        "It is not shown that the lifecycle policy caused anything in east.",
    )
