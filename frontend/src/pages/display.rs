//! Figures for people. Pure.

use fathom_shared::api::{Money, RunStatus};
pub(super) use fathom_shared::numbers::count;
use fathom_shared::transcript::FailureKind;

/// An error message as a sentence: with a full stop, and a capital where it begins with a word and
/// not with a name.
pub(super) fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    match first.bytes().all(|byte| byte.is_ascii_lowercase()) && !text.is_empty() {
        true => format!("{}{}{stop}", text[..1].to_uppercase(), &text[1..]),
        false => format!("{text}{stop}"),
    }
}

/// A time in its two largest units: `2 h 5 min`.
pub(super) fn time(ms: f64) -> String {
    let seconds = (ms.max(0.0) / 1000.0).ceil() as u64;
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Things per second: few with a decimal.
pub(super) fn rate(per_second: f64) -> String {
    match per_second {
        few if few < 100.0 => format!("{few:.1}"),
        many => count(many.round() as u64),
    }
}

/// Memory: `1.5 GB`.
pub(super) fn bytes(bytes: u64) -> String {
    match bytes as f64 {
        few if few < 1e9 => format!("{:.0} MB", few / 1e6),
        many => format!("{:.1} GB", many / 1e9),
    }
}

/// Money: `USD 1.25`; of little money the first digits that count.
pub(super) fn money(money: &Money) -> String {
    let Money { amount, currency } = money;
    match *amount {
        little if little > 0.0 && little < 0.01 => format!("{currency} {little:.4}"),
        amount => format!("{currency} {amount:.2}"),
    }
}

/// Dollars: `$1,200`, `$2.50`; cents where there are few.
pub(super) fn dollars(amount: f64) -> String {
    match amount {
        few if few < 100.0 && few.fract() != 0.0 => format!("${few:.2}"),
        many => format!("${}", count(many.round() as u64)),
    }
}

/// The same of an estimate, to two digits: `$1,200`, `$8.40`.
pub(super) fn about_dollars(amount: f64) -> String {
    if amount <= 0.0 {
        return dollars(0.0);
    }
    let unit = 10_f64.powf(amount.log10().floor() - 1.0);
    dollars((amount / unit).round() * unit)
}

/// A fraction as a percentage, as short as can be: `87.5`, `100`.
pub(super) fn percent(fraction: f64) -> String {
    let told = format!("{:.1}", fraction * 100.0);
    told.trim_end_matches(".0").to_owned()
}

/// A thing so many times: `1 sample`, `2 samples`.
pub(super) fn some(number: u64, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        number => format!("{} {thing}s", count(number)),
    }
}

/// What a status means.
pub(super) fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "Waiting for a worker.",
        RunStatus::Running => "Samples are being answered.",
        RunStatus::Paused => "No more samples are sent until the run is resumed.",
        RunStatus::Done => "Every sample was answered or failed.",
        RunStatus::Cancelled => "The run was cancelled; the answers so far are kept.",
        RunStatus::Failed => "The run could not continue.",
    }
}

/// A kind of failure.
pub(super) fn failure(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Prompt => "the prompt could not be built",
        FailureKind::Context => "too long for the model",
        FailureKind::Engine => "the engine failed",
        FailureKind::DeviceLost => "the device was lost",
        FailureKind::Cancelled => "cancelled",
        FailureKind::Timeout => "timed out",
        FailureKind::Network => "no connection",
        FailureKind::Refused => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("length is `x`"), "Length is `x`.");
        assert_eq!(sentence("num_hops is 4."), "num_hops is 4.");
        assert_eq!(sentence("`x` is no task"), "`x` is no task.");
    }

    #[test]
    fn figures_are_told_shortly() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(count),
            ["0", "999", "1,000", "1,234,567"]
        );
        let times = [0.0, 41_200.0, 61_000.0, 7_500_000.0, 200_000_000.0].map(time);
        assert_eq!(times, ["0 s", "42 s", "1 min 1 s", "2 h 5 min", "2 d 7 h"]);
        assert_eq!([12.34, 18_234.5].map(rate), ["12.3", "18,235"]);
        assert_eq!([98_362_432, 1_540_000_000].map(bytes), ["98 MB", "1.5 GB"]);
        assert_eq!(
            [1.0, 0.875, 0.0, 1.0 / 3.0].map(percent),
            ["100", "87.5", "0", "33.3"]
        );
        assert_eq!([1, 2].map(|n| some(n, "task")), ["1 task", "2 tasks"]);
    }

    #[test]
    fn dollars_are_parted_and_estimates_rounded() {
        assert_eq!([2.0, 2.5, 1234.56].map(dollars), ["$2", "$2.50", "$1,235"]);
        let told = [0.0, 8.437, 1234.5, 1_987_654.0].map(about_dollars);
        assert_eq!(told, ["$0", "$8.40", "$1,200", "$2,000,000"]);
    }

    #[test]
    fn little_money_is_not_nothing() {
        let dollars = |amount| {
            money(&Money {
                amount,
                currency: "USD".to_owned(),
            })
        };
        assert_eq!(
            [1.25, 0.0012, 0.0].map(dollars),
            ["USD 1.25", "USD 0.0012", "USD 0.00"]
        );
    }
}
