//! The nine plays of the bundled text, apart, and what is spoken in them.
#![allow(dead_code, reason = "each example uses a part of it")]

/// A play, with its title.
pub struct Play {
    pub title: String,
    pub text: String,
}

/// The plays in order. Each begins with its title and, two lines later, its author.
pub fn plays() -> Vec<Play> {
    let text = nn::data::shakespeare().replace("\r\n", "\n");
    let author = "\n\nby William Shakespeare\n";
    let starts: Vec<usize> = text
        .match_indices(author)
        .map(|(at, _)| text[..at].rfind('\n').map_or(0, |end| end + 1))
        .chain([text.len()])
        .collect();
    let play = |part: &[usize]| {
        let text = text[part[0]..part[1]].to_string();
        let title = text.lines().next().unwrap_or_default().split([',', ';']).next().unwrap_or_default();
        Play { title: title.to_lowercase(), text }
    };
    starts.windows(2).map(play).collect()
}

impl Play {
    /// What is spoken: without the list of persons, headings, stage directions, and the names of who speaks. A speech is a
    /// paragraph whose first line names the speaker: short, and with a full stop.
    pub fn speeches(&self) -> String {
        let acts = self.text.find("\nACT I").or(self.text.find("\nACT 1")).unwrap_or(0);
        let mut plain = String::new();
        let mut depth = 0;
        for c in self.text[acts..].chars() {
            match c {
                '[' => depth += 1,
                ']' => depth = (depth - 1).max(0),
                _ if depth == 0 => plain.push(c),
                _ => {}
            }
        }
        let mut spoken = String::new();
        for paragraph in plain.split("\n\n") {
            let lines: Vec<&str> = paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let heads = |line: &str| line.len() <= 32 && line.ends_with(['.', ':']);
            let speech = match lines.split_first() {
                Some((first, rest)) if heads(first) => rest,
                Some((first, _)) if !first.to_uppercase().starts_with("SCENE") && !first.starts_with("ACT") => {
                    &lines[..]
                }
                _ => &[],
            };
            for line in speech {
                spoken.push_str(line);
                spoken.push('\n');
            }
        }
        spoken
    }
}
