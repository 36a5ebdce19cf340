"""The second corpus: what may truly be said of the world "iot", and causes (False: invented)."""
from tests.bench.checker_second_worlds import *  # noqa: F403


def paras(w):
    T = w.T
    a, b = w.a, w.b
    dv, mg, rj, bt, sg, fl, tp, up = w.dev, w.msg, w.rej, w.bat, w.sig, w.fl, w.tmp, w.upl
    F = lambda k, t=None, o=None: w.f(k, t, o)
    H = 3600000
    fd = F("limit", "Connected")
    frj = F("sudden_change", "Rejected")
    fs = F("slow_change", "Flash")
    fu = F("sudden_change", "Upload")
    fg = F("sudden_change", "Signal")
    fm = F("sudden_change", "Messages received")
    TD = "%a %-d %b %H:%M"
    t = lambda x, style=TD, **k: T(x, step=60, style=style, far=180, **k)
    al = a + 95 * MIN
    age = (w.now - al) // MIN
    c1 = a - 20 * MIN
    c2 = b - 10 * MIN
    rows = lambda s, x, i=0: s.row(x)[i]
    near3 = lambda x: max(k for k in dv.rows if k <= x)
    r0 = near3(a + 4 * H)
    r1 = near3(b + 3 * H)
    neg = lambda x, other=None: V(-x, "dBm", sig=3)

    def dbm(x, *alts):
        return slot(
            "value",
            f"{x:.1f} dBm",
            [("value", f"{x*1.2:.1f} dBm"), ("value", f"{x*.8:.1f} dBm"), ("swap", f'-{swapdigits(f"{-x:.1f}")} dBm'), ("unit", f"{x:.1f} %")],
        )

    w.A(
        f"Mostly well, with one outage. On Sunday, from {T(fd['frm'],step=60,far=180,earlier=False)} to {T(fd['to'],step=60,far=180,later=False)}, connected devices dropped to {V(dv.min,sig=4,other=mg.min)} at the lowest ({F('limit','Connected')['id']}); normally between {V(12756,sig=5)} and {V(12945,sig=5)} are online. Now it is {V(dv.last,sig=5,other=rj.max)}.",
        f"**Week at a glance**\n- Connected devices: {V(dv.last,sig=5,other=mg.last)} now, minimum {V(dv.min,sig=4,other=rj.max)} on {t(dv.tmin)}\n- Messages received: {V(mg.last,sig=6,other=dv.last)} in the last hour, minimum {V(mg.min,sig=6)} on {t(mg.tmin)}\n- Battery: {V(bt.last,'V',fx=2)} (mean {V(bt.mean,'V',fx=2)})\n- Flash: {V(fl.last,'%',other=tp.last)}, rising",
        f"The thing to plan for is flash storage. It grows by about {V(1.12,'%',sig=3)} a day and is at {V(fl.last,'%')} now; at that pace the limit of {V(90,'%',sig=2)} is reached in about {D(10*1440+11*60,'{}'.format('days') if 0 else 'days',step=1440)} ({fs['id']}).",
        f"Flash usage went from {V(fs['value']*0+39.1,'%')} on {t(fs['frm'],style='%a %-d %b')} to {V(78.3,'%')} today. So it has doubled in five weeks, and there are {V(90-78.4,' percentage points',fx=1,sp='')} left to the limit.",
        f"The outage lasted {D(11*60,'hours',step=60)}. During it, signal strength fell to {dbm(sg.min)} at {t(fg['at'])}, where {dbm(-72.3)} to {dbm(-69.7)} is usual, and upload latency rose to as much as {V(up.max,'s',other=bt.max)}.",
        f"Upload latency peaked at {V(up.max,'s',other=bt.max)} on {t(up.tmax)}. That's {R(up.max/up.usual,nd=1)} the median of {V(up.usual,'s')}. It has been normal since {t(fu['to'],later=False)} and stands at {V(up.last,'s')} now.",
        f"Right after the outage messages were rejected: starting on {t(frj['frm'])}, up to {V(rj.max,sig=4,other=dv.min)} an hour ({t(rj.tmax)}), compared with a usual {V(rj.usual,sig=3,other=up.usual)}. It was over {D(4*60,'hours',step=60)} later, at {T(frj['to'],step=60,far=180)} ({frj['id']}).",
        f"Two changes were made, both on Sunday: `fw-campaign` updated the thing group {N('gw-south-4','field-root-ca')} at {T(c1,step=10,far=60)}, and s.menon updated the CA certificate {N('field-root-ca','gw-south-4')} at {T(c2,step=10,far=60)}. The first came {D(40,'minutes')} before devices disappeared, the second {D(30,'minutes')} before they were back.",
        f"Messages received dropped roughly in proportion. At the worst hour ({t(mg.tmin)}) only {V(mg.min,sig=6)} came in; {V(fm['value'],sig=6)} at {T(fm['at'],step=60,far=180,hold=near(mg,fm['value']))} compares with {V(392882,sig=6)} to {V(415073,sig=6)} usual at that hour.",
        f"The alarm `gateway-devices-low` is still open. It was raised on {T(al,step=5,style=TD,far=180)} and thus has been in ALARM for {D(age,'days',step=1440)}, although the metric recovered on {t(fd['to'])}. Worth checking whether its OK got lost.",
        f"Battery voltage is declining very slowly. The mean of the range is {V(bt.mean,'V',fx=2)}, the median before was {V(3.68,'V',fx=2)}, and the limit is {V(3.3,'V',sig=2)}. Nothing to do this week.",
        f"Enclosure temperature follows the sun, between {V(tp.min,'°C',other=tp.max)} ({t(tp.tmin)}) and {V(tp.max,'°C',other=tp.min)} ({t(tp.tmax)}), far below {V(60,'°C',sig=2)}.",
        f"Firmware, from the logs: {V(218,sig=3,other=94)} gateways run {N('4.12.0','4.9.7')}, {V(94,sig=2,other=218)} run {N('4.12.3','4.12.0')} and {V(11,sig=2,other=94)} are still on {N('4.9.7','4.12.3')}.",
        f"So 4.12.0 is the most common by far ({V(218,sig=3,other=94)} gateways, {R(218/94)} as many as the {V(94,sig=2,other=218)} on 4.12.3), and only {C(11)} are on 4.9.7.",
        f"In the three-hour row of {t(r0)} the mean was {V(rows(dv,r0),sig=4,other=rows(rj,r1))} devices and {V(rows(up,r0),'s')} upload latency. In the row of {t(r1)} it was {V(rows(dv,r1),sig=5)} and {V(rows(up,r1),'s')}.",
        f"| Metric | Least | Greatest | Mean |\n|---|---|---|---|\n| Connected devices | {V(dv.min,sig=4)} | {V(dv.max,sig=5)} | {V(dv.mean,sig=5)} |\n| Rejected messages | {V(rj.min,sig=3)} | {V(rj.max,sig=4)} | {V(rj.mean,sig=3)} |\n| Upload latency | {V(up.min,'s')} | {V(up.max,'s')} | {V(up.mean,'s')} |\n| Enclosure temperature | {V(tp.min,'°C')} | {V(tp.max,'°C')} | {V(tp.mean,'°C')} |",
        f"Devices and messages moved exactly together, with a rank correlation of {slot('value','1.00',[('value','0.70'),('value','0.50')])} over {C(47)} values; signal strength and upload latency moved in opposite directions ({slot('value','-0.98',[('value','-0.89'),('value','-0.58')])}).",
        f"At the low point {P(100*(1-dv.min/dv.usual))} of the devices were missing ({V(dv.min,sig=4,other=rj.max)} instead of about {V(dv.usual,sig=5,other=mg.min)}). All {C(11)} hourly values of the outage were under the limit of {V(10000,sig=1,other=12000)}.",
        f"What I'd look at:\n* Why the update of {N('gw-south-4','field-root-ca')} at {T(c1,step=10,far=60)} on Sunday took devices offline, and how the next wave avoids it\n* Cleaning flash before it hits {V(90,'%',sig=2,other=60)}; it is at {V(fl.last,'%',sig=2)} already\n* The {C(11)} gateways on firmware 4.9.7",
        f"Compared to the weeks before, nothing else has changed: the median number of connected devices was {V(dv.usual,sig=5,other=mg.usual)}, and nine of ten values lay in the band from {V(12782,sig=5)} to {V(12919,sig=5)}.",
        f"Average signal strength this week is {dbm(sg.mean)}, the last value {dbm(sg.last)}. The dip on Sunday began at {T(fg['frm'],step=60,far=180)} and ended at {T(fg['to'],step=60,far=180)}, {D(11*60,'h',step=60)} later.",
        f"Rejections averaged {V(rj.mean,sig=3,other=dv.usual)} an hour over the week, against a median of {V(307,sig=3,other=dv.usual)}, since the {D(4*60,'hours',step=60)} on Sunday evening weigh in heavily.",
        f"Messages per hour: highest {V(mg.max,sig=6,other=mg.min)} ({t(mg.tmax)}), mean {V(mg.mean,sig=6,other=dv.mean)}, i.e. {P(100*(mg.max/mg.mean-1))} above the mean at the top. The range you asked about began on {T(w.frm,step=10,style=TD,far=180)}.",
        f"To be clear about timing: the devices left between {T(c1,step=10,far=60)} (the change) and {T(fd['frm'],step=60,far=180)} (first value below the limit), and the alarm followed at {T(al,step=5,far=60)}.",
        f"Upload latency was {V(fu['value'],'s')} at {T(fu['at'],step=60,far=240,hold=near(up,fu['value']))} on Sunday ({fu['id']}), against {V(2.15,'s')} to {V(2.56,'s')} normally, so about {R(fu['value']/up.usual,nd=0)} its usual value.",
    )
    w.cause(
        False,
        "Devices dropped offline because of a lightning strike at the relay station.",
        "The rejected messages were caused by a wrong clock on the broker.",
        "The weak signal is due to a foliage change around the antennas.",
        "A billing suspension at the SIM carrier led to the outage.",
        "Flash storage grows because debug logging was left on.",
        "The upload latency was triggered by an overloaded MQTT broker.",
    )
    w.cause(
        True,
        "The outage was caused by fw-campaign's UpdateThingGroup on gw-south-4.",
        "Devices came back because s.menon updated the CA certificate field-root-ca.",
        "Fewer messages were received because fewer devices were connected (F7).",
    )
