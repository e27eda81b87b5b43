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
    /// paragraph whose first line names the speaker: short, with a full
    /// stop or in capitals.
    pub fn speeches(&self) -> String {
        let acts = self.text.find("\nACT I").or(self.text.find("\nACT 1")).unwrap_or(0);
        let mut spoken = String::new();
        for paragraph in self.text[acts..].split("\n\n") {
            let plain = without_brackets(paragraph);
            let lines: Vec<&str> = plain.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let heads = |line: &str| line.len() <= 32 && (line.ends_with(['.', ':']) || line.to_uppercase() == line);
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

/// A paragraph without what stands in brackets. One that is never closed ends with its paragraph, and takes no more than that.
fn without_brackets(paragraph: &str) -> String {
    let mut depth = 0;
    let spoken = |c: &char| {
        match c {
            '[' => depth += 1,
            ']' => depth = (depth - 1).max(0),
            _ => return depth == 0,
        }
        false
    };
    paragraph.chars().filter(spoken).collect()
}
