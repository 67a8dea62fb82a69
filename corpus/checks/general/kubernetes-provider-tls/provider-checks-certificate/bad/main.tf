provider "kubernetes" {
  host     = "https://10.0.0.1"
  insecure = true
}
