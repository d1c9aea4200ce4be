//! What a plan takes: memory on the server, money, time.

use fathom_shared::engine::{CheckStatus, PreflightEstimate, PreflightPlan};
use fathom_shared::tokens::Tokens;

use super::PreflightReport;
use super::probe::ProbeSpeed;

/// `bytes` for people.
fn size(bytes: u64) -> String {
    const MIB: f64 = (1_u64 << 20) as f64;
    match bytes as f64 / MIB {
        mib if mib < 1024.0 => format!("{mib:.0} MiB"),
        mib => format!("{:.1} GiB", mib / 1024.0),
    }
}

/// Adds what is known to the report.
pub(super) fn of(
    report: &mut PreflightReport<'_>,
    plan: &PreflightPlan,
    speed: ProbeSpeed,
) -> PreflightEstimate {
    let kv_bytes = memory(report, plan);
    let money = money(report, plan);
    PreflightEstimate {
        kv_bytes,
        seconds: time(report, plan, speed),
        ..money
    }
}

/// Keys and values at 16 bits of the longest prompt, for each prompt in flight.
fn memory(report: &mut PreflightReport<'_>, plan: &PreflightPlan) -> Option<u64> {
    const EXPECTED: &str = "room for keys and values on the server";
    let endpoint = &report.server.endpoint;
    let flight = u64::from(endpoint.max_in_flight.get());
    let longest = match plan.longest {
        0 => u64::from(endpoint.context.get()),
        longest => u64::from(longest),
    };
    let Some(each) = report.server.words.kv_bytes else {
        let got = "not known: the tokenizer's folder has no config.json, and kv_bytes_per_token is not set";
        report.add("memory", CheckStatus::Ok, got, EXPECTED);
        return None;
    };
    let bytes = each.saturating_mul(longest).saturating_mul(flight);
    let got = format!(
        "{}: {each} bytes for each of {longest} tokens, {flight} prompts at once",
        size(bytes)
    );
    report.add("memory", CheckStatus::Ok, got, EXPECTED);
    Some(bytes)
}

/// With all room for answers and thinking used.
fn money(report: &mut PreflightReport<'_>, plan: &PreflightPlan) -> PreflightEstimate {
    let endpoint = &report.server.endpoint;
    let Some(price) = &endpoint.price else {
        return PreflightEstimate::default();
    };
    let thinking = plan.prompts * u64::from(endpoint.thinking_tokens);
    let written = plan.answer_tokens + thinking;
    let cost = price.of(plan.prompt_tokens, written);
    let got = format!(
        "at most {cost:.2} {} for {} tokens read and {written} written",
        price.currency, plan.prompt_tokens
    );
    let currency = Some(price.currency.clone());
    report.add("cost", CheckStatus::Ok, got, "a price that is meant");
    PreflightEstimate {
        cost: Some(cost),
        currency,
        ..PreflightEstimate::default()
    }
}

/// After the speed of one prompt of about a thousand tokens: long prompts are read more slowly,
/// several at once go faster.
fn time(report: &mut PreflightReport<'_>, plan: &PreflightPlan, speed: ProbeSpeed) -> Option<f64> {
    const EXPECTED: &str = "a time that can be waited for";
    let read = speed.timings.prefill_rate(speed.prompt)?;
    // The first token came with the reading.
    let later = Tokens(speed.answer.0.saturating_sub(1));
    let write = speed.timings.decode_rate(later).filter(|rate| *rate > 0.0);
    let rates = match write {
        Some(write) => format!("reads {read:.0} and writes {write:.0} tokens/s"),
        None => format!("reads {read:.0} tokens/s"),
    };
    if plan.prompts == 0 {
        let got = format!("a server that {rates}");
        report.add("time", CheckStatus::Ok, got, EXPECTED);
        return None;
    }
    let writing = write.map_or(0.0, |write| plan.answer_tokens as f64 / write);
    let seconds = plan.prompt_tokens as f64 / read + writing;
    let flight = report.server.endpoint.max_in_flight;
    let got = format!(
        "about {:.1} h one after the other, less by up to {flight} times at once: it {rates}",
        seconds / 3600.0
    );
    report.add("time", CheckStatus::Ok, got, EXPECTED);
    Some(seconds)
}
