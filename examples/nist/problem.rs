//! A reference problem, read from its table.

use autograd::Tensor;

/// Observations, starting points and certified results.
pub struct Problem {
    pub name: String,
    pub starts: [Tensor<f64>; 2],
    pub certified: Tensor<f64>,
    pub standard_errors: Tensor<f64>,
    pub sum_of_squares: Tensor<f64>,
    pub x: Tensor<f64>,
    pub y: Tensor<f64>,
}

impl Problem {
    /// Reads a table as `README.md` describes it: what begins with `b` is a parameter, two numbers are an observation.
    pub fn read(text: &str) -> Result<Self, String> {
        let name = text.split(':').next().unwrap_or_default().to_string();
        let (mut parameters, mut observations, mut sums) = (Vec::new(), Vec::new(), Vec::new());
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let numbers = |words: &[&str]| -> Result<Vec<f64>, String> {
                let number = |word: &&str| word.parse().map_err(|_| format!("{name}: no number: `{word}` in `{line}`"));
                words.iter().map(number).collect()
            };
            match words[..] {
                [parameter, ..] if parameter.starts_with('b') && words.len() == 5 => {
                    parameters.push(numbers(&words[1..])?)
                }
                ["residual", "sum", .., sum] => sums = numbers(&[sum])?,
                [y, x] if y != "y" => observations.push(numbers(&[y, x])?),
                _ => {}
            }
        }
        if parameters.is_empty() || sums.is_empty() || observations.len() <= parameters.len() {
            return Err(format!("{name}: a table without parameters, sum of squares, or enough observations"));
        }
        let column = |of: &[Vec<f64>], i: usize| Tensor::from_fn([of.len()], |row| of[row][i]);
        Ok(Problem {
            starts: [column(&parameters, 0), column(&parameters, 1)],
            certified: column(&parameters, 2),
            standard_errors: column(&parameters, 3),
            sum_of_squares: Tensor::scalar(sums[0]),
            x: column(&observations, 1),
            y: column(&observations, 0),
            name,
        })
    }
}
