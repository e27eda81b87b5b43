//! Chapter 3, one gate at a time.

// ANCHOR: one
/// Exercise 3.1: the local derivatives of `a / b`, by `a` and by `b`.
pub fn division(a: f64, b: f64) -> [f64; 2] {
    [1.0 / b, -a / (b * b)]
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 3.2: the local derivative of the sigmoid `y = 1 / (1 + e⁻ˣ)`, from its
/// result alone.
pub fn sigmoid(y: f64) -> f64 {
    y * (1.0 - y)
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 3.3: the local derivatives of the length `√(a² + b²)`, by `a` and by
/// `b`.
pub fn length(a: f64, b: f64) -> [f64; 2] {
    let length = a.hypot(b);
    [a / length, b / length]
}
// ANCHOR_END: three

// ANCHOR: four
/// Exercise 3.4: the gradient of `(x + y) · max(y, z)`, gate by gate.
pub fn circuit(x: f64, y: f64, z: f64) -> [f64; 3] {
    let (q, m) = (x + y, y.max(z));
    let (by_q, by_m) = (m, q);
    let [m_by_y, m_by_z] = if y >= z { [1.0, 0.0] } else { [0.0, 1.0] };
    [by_q, by_q + by_m * m_by_y, by_m * m_by_z]
}
// ANCHOR_END: four
