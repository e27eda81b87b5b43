//! Days from 1900 to 2099 in words, as people say them, and as ISO 8601 writes them.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const OTHERS: [&str; 10] = ["the", "of", "in", "year", "oh", "and", "hundred", "thousand", "twentieth", "thirtieth"];

/// Words by number; 0 is padding, which is no word.
pub fn vocabulary() -> Vec<&'static str> {
    [&["·"][..], &MONTHS, &SMALL, &TENS[2..], &ORDINALS[1..], &OTHERS].concat()
}

/// What dates are written in; the last one begins a date.
pub const SYMBOLS: [char; 12] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '>'];

/// Every date is so long.
pub const LENGTH: usize = 10;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    year: usize,
    month: usize,
    day: usize,
}

impl Date {
    /// Any day from 1900 to 2099.
    pub fn random(generator: &mut ChaCha8Rng) -> Self {
        let (year, month) = (generator.random_range(1900..2100), generator.random_range(1..13));
        let leap = year % 4 == 0 && year != 1900;
        let days = match month {
            2 => 28 + usize::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        Date { year, month, day: generator.random_range(1..=days) }
    }

    /// As ISO 8601 writes it.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// As someone says it, in one of several ways.
    pub fn in_words(self, generator: &mut ChaCha8Rng) -> Vec<&'static str> {
        let (day, month) = (ordinal(self.day), MONTHS[self.month - 1]);
        let mut year = self.year_in_words(generator);
        match generator.random_range(0..5) {
            0 => [vec!["the"], day, vec!["of", month], year].concat(),
            1 => [vec![month], vec!["the"], day, year].concat(),
            2 => [vec![month], day, year].concat(),
            3 => [day, vec!["of", month, "in", "the", "year"], year].concat(),
            _ => {
                year.extend([month, "the"]);
                year.extend(day);
                year
            }
        }
    }

    fn year_in_words(self, generator: &mut ChaCha8Rng) -> Vec<&'static str> {
        let (century, rest) = (self.year / 100, self.year % 100);
        let thousands = century == 20 && (rest < 10 || generator.random::<bool>());
        match (thousands, rest) {
            (true, 0) => vec!["two", "thousand"],
            (true, _) => [vec!["two", "thousand", "and"], cardinal(rest)].concat(),
            (false, 0) => [cardinal(century), vec!["hundred"]].concat(),
            (false, 1..10) => [cardinal(century), vec!["oh"], cardinal(rest)].concat(),
            (false, _) => [cardinal(century), cardinal(rest)].concat(),
        }
    }
}

fn cardinal(number: usize) -> Vec<&'static str> {
    match (number / 10, number % 10) {
        (0 | 1, _) => vec![SMALL[number]],
        (tens, 0) => vec![TENS[tens]],
        (tens, rest) => vec![TENS[tens], SMALL[rest]],
    }
}

fn ordinal(number: usize) -> Vec<&'static str> {
    match (number / 10, number % 10) {
        (0 | 1, _) => vec![ORDINALS[number]],
        (2, 0) => vec!["twentieth"],
        (_, 0) => vec!["thirtieth"],
        (tens, rest) => vec![TENS[tens], ORDINALS[rest]],
    }
}
