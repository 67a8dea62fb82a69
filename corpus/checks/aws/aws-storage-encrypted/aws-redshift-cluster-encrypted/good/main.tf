resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier        = "warehouse"
  node_type                 = "ra3.xlplus"
  number_of_nodes           = 2
  cluster_subnet_group_name = "warehouse-private"
  encrypted                 = true
}
