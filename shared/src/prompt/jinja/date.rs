//! The day that templates are told when they ask what day it is.
//!
//! `transformers` tells them the clock's; then the same sample is another prompt tomorrow. So it is
//! one day for all, which can be set, and is kept with what was measured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day, at midnight.
///
/// # Example
/// ```
/// use fathom_shared::prompt::Date;
/// let date = Date::default();
/// assert_eq!(date.to_string(), "2024-07-26");
/// assert_eq!(date.strftime("%d %b %Y"), "26 Jul 2024");
/// assert_eq!("2026-01-05".parse::<Date>()?.strftime("%A, %-d %B"), "Monday, 5 January");
/// # Ok::<(), fathom_shared::prompt::DateError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Date {
    year: u16,
    /// From 1.
    month: u8,
    /// From 1.
    day: u8,
}

/// Text that is no day.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{got}` is no day, expected YEAR-MONTH-DAY such as 2024-07-26")]
pub struct DateError {
    got: String,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

impl Default for Date {
    /// The day that Llama 3's templates name where they cannot ask.
    fn default() -> Self {
        Self {
            year: 2024,
            month: 7,
            day: 26,
        }
    }
}

impl Date {
    /// Days of the year before it.
    fn day_of_year(self) -> u32 {
        (1..self.month)
            .map(|month| u32::from(days_of(self.year, month)))
            .sum::<u32>()
            + u32::from(self.day)
            - 1
    }

    /// From 0 for Sunday.
    fn weekday(self) -> u32 {
        let years = u32::from(self.year) - 1;
        (years + years / 4 - years / 100 + years / 400 + self.day_of_year() + 1) % 7
    }

    /// Year and week after ISO 8601.
    fn iso_week(self) -> (u16, u32) {
        // The week belongs to the year that its Thursday is in.
        let thursday = self.day_of_year() + 3;
        let monday_first = (self.weekday() + 6) % 7;
        match thursday.checked_sub(monday_first) {
            None => {
                let last = Self {
                    year: self.year - 1,
                    month: 12,
                    day: 31,
                };
                let (year, week) = last.iso_week();
                (year, week)
            }
            Some(day) if day >= year_length(self.year) => (self.year + 1, 1),
            Some(day) => (self.year, day / 7 + 1),
        }
    }

    /// As Python's `strftime`, in the C locale; signs for padding as glibc has them. What is no
    /// directive stays as it is.
    pub fn strftime(self, format: &str) -> String {
        let mut out = String::new();
        let mut rest = format.chars();
        while let Some(c) = rest.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let (mut sign, mut raw) = (None, String::from("%"));
            let told = loop {
                let Some(c) = rest.next() else { break None };
                raw.push(c);
                match c {
                    '-' | '_' | '0' | '^' | '#' => sign = Some(c),
                    c => break self.directive(c),
                }
            };
            match told {
                Some(told) => out.push_str(&padded(told, sign)),
                None => out.push_str(&raw),
            }
        }
        out
    }

    fn directive(self, directive: char) -> Option<DirectiveValue> {
        let number = |value: u32, width, pad| Some(DirectiveValue::Number(value, width, pad));
        let month = MONTHS[usize::from(self.month) - 1];
        let day = DAYS[self.weekday() as usize];
        let year = u32::from(self.year);
        let text = |text: &str| Some(DirectiveValue::Text(text.to_owned()));
        let nested = |format: &str| Some(DirectiveValue::Text(self.strftime(format)));
        let of_year = self.day_of_year();
        match directive {
            'a' => text(&day[..3]),
            'A' => text(day),
            'b' | 'h' => text(&month[..3]),
            'B' => text(month),
            'c' => nested("%a %b %e %H:%M:%S %Y"),
            'C' => number(year / 100, 2, '0'),
            'd' => number(u32::from(self.day), 2, '0'),
            'D' | 'x' => nested("%m/%d/%y"),
            'e' => number(u32::from(self.day), 2, ' '),
            'f' => number(0, 6, '0'),
            'F' => nested("%Y-%m-%d"),
            'g' => number(u32::from(self.iso_week().0) % 100, 2, '0'),
            'G' => number(u32::from(self.iso_week().0), 1, '0'),
            'H' | 'M' | 'S' => number(0, 2, '0'),
            'I' => number(12, 2, '0'),
            'j' => number(of_year + 1, 3, '0'),
            'k' => number(0, 2, ' '),
            'l' => number(12, 2, ' '),
            'm' => number(u32::from(self.month), 2, '0'),
            'n' => text("\n"),
            'p' => text("AM"),
            'P' => text("am"),
            'r' => nested("%I:%M:%S %p"),
            'R' => nested("%H:%M"),
            't' => text("\t"),
            'T' | 'X' => nested("%H:%M:%S"),
            'u' => number((self.weekday() + 6) % 7 + 1, 1, '0'),
            'U' => number((of_year + 7 - self.weekday()) / 7, 2, '0'),
            'V' => number(self.iso_week().1, 2, '0'),
            'w' => number(self.weekday(), 1, '0'),
            'W' => number((of_year + 7 - (self.weekday() + 6) % 7) / 7, 2, '0'),
            'y' => number(year % 100, 2, '0'),
            'Y' => number(year, 1, '0'),
            // A time without a zone.
            'z' | 'Z' => text(""),
            '%' => text("%"),
            _ => None,
        }
    }
}

/// What a directive stands for.
enum DirectiveValue {
    Text(String),
    /// Value, width and what fills it.
    Number(u32, usize, char),
}

fn padded(told: DirectiveValue, sign: Option<char>) -> String {
    match (told, sign) {
        (DirectiveValue::Text(text), Some('^')) => text.to_uppercase(),
        (DirectiveValue::Text(text), _) => text,
        (DirectiveValue::Number(value, ..), Some('-')) => value.to_string(),
        (DirectiveValue::Number(value, width, pad), sign) => match (sign, pad) {
            (Some('_'), _) | (None | Some('^' | '#'), ' ') => format!("{value:>width$}"),
            _ => format!("{value:0>width$}"),
        },
    }
}

fn year_length(year: u16) -> u32 {
    if days_of(year, 2) == 29 { 366 } else { 365 }
}

fn days_of(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut parts = text.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let sized = [year.len(), month.len(), day.len()] == [4, 2, 2];
            let date = Self {
                year: year.parse().ok()?,
                month: month.parse().ok()?,
                day: day.parse().ok()?,
            };
            let fits = date.year > 1
                && date.year < 9999
                && (1..=12).contains(&date.month)
                && (1..=days_of(date.year, date.month)).contains(&date.day);
            (sized && fits && parts.next().is_none()).then_some(date)
        };
        read().ok_or_else(|| DateError {
            got: text.to_owned(),
        })
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
