package postmortem

// firstNames are first names that are common where incidents are written about, without those that are also words,
// days, months, products or places: no April, Will, Mark, Ruby, Chase, Grace, Jenkins, Austin, Florence, Crystal.
var firstNames = wordSet(`
	Aaron Abigail Adam Adrian Adriana Ahmed Aisha Alan Albert Alberto Alejandro Aleksandr Alessandro Alexander Alexandra Alexei
	Alexis Alfredo Alice Alicia Alina Alison Allison Amanda Amelia Amir Amit Amy Ana Anastasia Anders Andre Andrea Andreas
	Andrei Andrew Andrey Andrzej Andy Angela Angelika Anil Anita Anja Anjali Ann Anna Anne Annette Annika Anthony Anton Antonia
	Antonio Arjun Arne Artur Arturo Arun Ashley Astrid Ayesha Barbara Bartosz Bastian Beatrice Beatriz Ben Benjamin Bernd
	Bernhard Bert Beth Bettina Bianca Björn Bob Boris Brandon Brenda Brendan Brian Brigitte Bruno Bryan Camila Carl Carla Carlos
	Carmen Carol Carolina Caroline Catherine Cecilia Charlotte Chloe Chris Christian Christiane Christina Christine
	Christoph Christopher Claire Clara Claudia Claudio Claus Colin Connor Cornelia Craig Cynthia Dagmar Damian Dan
	Dani Daniel Daniela Daniele Danielle Dario Darren Dave David Deborah Deepak Denis Dennis Derek Detlef Diana Diego Dieter
	Dimitri Dirk Dmitri Dmitry Dominic Dominik Dominique Donald Donna Dorothea Douglas Duncan Dylan Eduardo Edgar Edith
	Edward Edwin Eileen Elena Elias Elisa Elisabeth Elizabeth Ella Ellen Elke Emil Emilia Emily Emma Emmanuel Enrico Enrique
	Eric Erica Erik Erika Ernesto Ernst Esteban Esther Eugene Eva Evan Evelyn Fabian Fabio Fabrice Farid Fatima Federico Felipe
	Felix Ferdinand Fernando Filip Fiona Florian Franco Francesca Francesco Francis Francisco Franck Frank Franz Franziska Fred
	Frederic Frederik Friedrich Gabriel Gabriela Gareth Gary Geoffrey Georg George Gerald Gerd Gerhard Gianluca Gilbert
	Giovanni Giulia Giuseppe Glenn Gonzalo Graham Greg Gregor Gregory Guido Guillaume Guillermo Gunnar Gustavo Hanna
	Hannah Hannes Hans Harald Harry Hassan Heather Hector Heidi Heike Heiko Heinrich Heinz Helen Helena Helene Helga Helmut
	Hendrik Henne Henri Henrik Henry Herbert Hermann Hiroshi Holger Hugo Ian Ibrahim Ines Ingo Ingrid Irene Irina Isaac Isabel
	Isabella Isabelle Ismail Ivan Jacek Jacob Jacques Jakob Jakub James Jamie Jan Jana Jane Janet Janine Jaroslav Jason
	Javier Jeff Jeffrey Jennifer Jens Jeremy Jerome Jessica Jill Jim Jimmy Joachim Joan Joanna Joao Joe Joel Johan Johanna
	Johannes John Jonas Jonathan Jorge Jose Josef Josefine Joseph Joshua Joyce Juan Juana Judith Julia Julian Juliane Julien
	Juliette Jürgen Justin Justyna Kai Kamil Karen Karin Karl Karolina Karsten Katarzyna Kate Katharina Katherine Kathleen Kathrin
	Katja Katrin Keith Kenneth Kenji Kerstin Kevin Kirsten Klaus Konrad Kristin Kristina Krzysztof Kumar Kurt Lakshmi
	Lars Laura Laurent Lauren Lea Leah Leila Lena Leon Leonard Leonardo Leonie Leticia Liam Linda Lisa Lorenzo Louis Louise
	Luc Luca Lucas Lucia Lucie Ludovic Ludwig Luis Luisa Lukas Luke Lydia Maciej Magdalena Magnus Mahmoud Manfred Manuel Manuela
	Marc Marcel Marcelo Marcin Marco Marcos Marcus Marek Margaret Maria Mariana Marianne Marie Mario Marion Marius
	Markus Marlene Marta Martha Martin Martina Martine Mary Marzena Mateusz Mathias Mathieu Matt Matteo Matthew Matthias Maurice
	Mauricio Mauro Maximilian Megan Mehmet Melanie Melissa Meera Mia Micha Michael Michaela Michal Michel Michele Michelle
	Miguel Mikael Mike Mikhail Milena Miriam Mirko Mohamed Mohammad Mohammed Monika Monique Moritz Muhammad Mustafa Nadia
	Nadine Naomi Natalia Natalie Natasha Nathan Neha Neil Nicholas Nick Nicola Nicolas Nicole Niels Nikita Nikolai Nikolaus Nils
	Nina Noah Nora Norbert Olaf Oleg Olga Oliver Olivia Olivier Omar Oscar Oskar Otto Pablo Paloma Paola Pascal Patricia
	Patrick Patrik Paul Paula Pauline Pavel Pawel Pedro Peggy Peter Petra Philip Philipp Philippe Phillip Pierre Piotr Pooja Priya
	Rachel Rafael Rainer Rajesh Rakesh Ralf Ralph Ramon Randy Raphael Rashid Raul Ravi Rebecca Reinhard Renate Rene
	Ricardo Riccardo Richard Rita Robert Roberta Roberto Rodrigo Roger Rohan Roland Rolf Ronald Rosemary Ross
	Rudolf Russell Ruth Ryan Sabine Sabrina Sally Salma Samantha Samuel Sandra Sandro Sanjay Sara Sarah Saray Sascha
	Sebastian Sergei Sergey Sergio Sharon Sheila Silke Silvia Simon Simona Simone Sofia Solveig Sonia Sonja Sophia Sophie Stefan
	Stefania Stefanie Stephan Stephanie Stephen Steve Steven Stuart Sunil Suresh Susan Susana Susanne Suzanne Sven Svenja
	Svetlana Sylvia Takashi Tamara Tanja Tatiana Ted Teresa Terry Theodor Theresa Thomas Thorsten Tiffany Tim Timo Timothy Tina
	Tobias Todd Tom Tomas Tomasz Torsten Tristan Ulrich Ulrike Ursula Ute Uwe Valentina Valerie Vanessa Veronica Veronika
	Vicente Vijay Viktor Viktoria Vincent Vincenzo Vishal Vladimir Walter Waltraud Wendy Werner Wilhelm William
	Wojciech Wolfgang Xavier Yannick Yasmin Yolanda Yuki Yuri Yusuf Yvonne Zoe Zuzana`)
