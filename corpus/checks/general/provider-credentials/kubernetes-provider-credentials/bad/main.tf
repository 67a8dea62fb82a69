provider "kubernetes" {
  host  = "https://10.0.0.1"
  token = "8f0zz3q7m2kd91xxcv5b8f0zz3q7m2kd"
}
